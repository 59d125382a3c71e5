// A load of SS holds traps off until after the next instruction: a stepper never stops between the two. The next one is
// a jump, a conditional jump both ways, a call, a return, and no branch at all.

#include "asm_exit.inc"

        .text
        .globl  _start
_start:
        mov     %ss, %ebx
        mov     %ebx, %ss
        jmp     1f
        hlt
1:      xor     %eax, %eax
        mov     %ebx, %ss
        je      2f
        hlt
2:      test    %rsp, %rsp
        mov     %ebx, %ss
        je      3f
        mov     %ebx, %ss
        inc     %eax
3:      check   %eax, 1, 1
        mov     %ebx, %ss
        call    5f
        mov     %ss, stack_segment
        mov     stack_segment, %ss
        loop    4f
4:      jmp     exit_success
5:      mov     %ebx, %ss
        ret

        .data
stack_segment:
        .word   0
