// loop, loope, loopne, jrcxz and jecxz: taken and not taken, with 64-bit and 32-bit counters, and a loop to itself.

#include "asm_exit.inc"

        .text
        .globl  _start
_start:
        xor     %r13d, %r13d

        mov     $5, %ecx                // loop: taken four times
1:      inc     %r13
        loop    1b
        check   %r13, 5, 1

        mov     $7, %ecx                // from and to are the same address, six times
2:      loop    2b
        check   %rcx, 0, 2

        mov     $5, %ecx                // loope: left because ZF is clear
        xor     %r13d, %r13d
3:      inc     %r13
        cmp     $3, %r13
        setne   %al
        cmp     $1, %al                 // ZF while r13 is not 3
        loope   3b
        check   %r13, 3, 3
        check   %rcx, 2, 4

        mov     $2, %ecx                // loope: left because the counter is zero
4:      cmp     %eax, %eax
        loope   4b
        check   %rcx, 0, 5

        mov     $5, %ecx                // loopne: left because ZF is set
        xor     %r13d, %r13d
5:      inc     %r13
        cmp     $2, %r13
        loopne  5b
        check   %r13, 2, 6

        mov     $3, %ecx                // loopne: left because the counter is zero
6:      test    %rsp, %rsp
        loopne  6b
        check   %rcx, 0, 7

        movabs  $0x100000001, %rcx      // 32-bit counter: one, whatever the upper half holds
        addr32 loop 7f
        jmp     8f
7:      mov     $8, %edi
        jmp     exit_with_rdi
8:
        movabs  $0x100000000, %rcx      // jrcxz sees the upper half, jecxz does not
        jrcxz   9f
        jecxz   10f
9:      mov     $9, %edi
        jmp     exit_with_rdi
10:     xor     %ecx, %ecx
        jrcxz   11f
        mov     $10, %edi
        jmp     exit_with_rdi
11:     inc     %ecx
        jecxz   9b
        jmp     exit_success
