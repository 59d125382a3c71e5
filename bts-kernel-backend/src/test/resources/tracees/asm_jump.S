// Unconditional jumps: short, near, through registers and every form of memory operand, with prefixes, and to the next
// instruction.

#include "asm_exit.inc"

        .text
        .globl  _start
_start:
        jmp     1f                      // short, forward
        hlt
2:      jmp     3f
        hlt
1:      jmp     2b                      // short, backward
        hlt
3:      .byte   0xe9                    // near
        .long   4f - . - 4
        hlt

4:      .byte   0xeb, 0x00              // short, to the next instruction
        .byte   0xe9                    // near, to the next instruction
        .long   0
        xor     %eax, %eax
        .byte   0x74, 0x00              // je, taken, to the next instruction
        .byte   0x75, 0x00              // jne, not taken, to the next instruction
        .byte   0x0f, 0x84              // je, near, taken, to the next instruction
        .long   0
        lea     5f(%rip), %rax
        jmp     *%rax                   // indirect, to the next instruction
5:
        lea     6f(%rip), %rax          // registers, without and with REX
        jmp     *%rax
        hlt
6:      lea     7f(%rip), %r11
        jmp     *%r11
        hlt
7:      lea     8f(%rip), %r13
        rex.W jmp *%r13                 // REX.W is without effect
        hlt

8:      jmp     *slot_0(%rip)           // RIP-relative
        hlt
at_0:   jmp     *slot_1                 // absolute
        hlt
at_1:   lea     slot_0(%rip), %rbx
        jmp     *16(%rbx)               // base and displacement
        hlt
at_2:   mov     $3, %ecx
        jmp     *(%rbx,%rcx,8)          // base and index
        hlt
at_3:   lea     at_4(%rip), %rax
        push    %rax
        jmp     *(%rsp)                 // stack pointer as base
        hlt
at_4:   pop     %rax
        lea     slot_4(%rip), %rbp
        jmp     *(%rbp)                 // frame pointer as base
        hlt
at_5:   lea     slot_5(%rip), %r12
        jmp     *(%r12)
        hlt
at_6:   lea     slot_0(%rip), %rbx
        addr32 jmp *48(%ebx)            // 32-bit address
        hlt
at_7:
        mov     $158, %eax              // arch_prctl(ARCH_SET_FS, slot_0)
        mov     $0x1002, %edi
        mov     $slot_0, %esi
        syscall
        jmp     *%fs:56                 // FS base
        hlt
at_8:
        lea     1f(%rip), %rax
        notrack jmp *%rax               // prefixes that name no other instruction
        hlt
1:      bnd jmp 2f
        hlt
2:      xor     %eax, %eax
        .byte   0x3e                    // branch hint
        je      3f
        hlt
3:      .byte   0x2e
        jne     4f
        mov     $64, %ecx               // a table jump in a loop, as a switch compiles to one
        xor     %r13d, %r13d
4:      mov     %ecx, %eax
        and     $3, %eax
        jmp     *table(,%rax,8)
case_0: add     $1, %r13
        jmp     5f
case_1: add     $10, %r13
        jmp     5f
case_2: add     $100, %r13
        jmp     5f
case_3: add     $1000, %r13
5:      dec     %ecx
        jnz     4b
        check   %r13, 17776, 1
        jmp     exit_success

        .data
        .balign 8
slot_0: .quad   at_0
slot_1: .quad   at_1
        .quad   at_2
        .quad   at_3
slot_4: .quad   at_5
slot_5: .quad   at_6
        .quad   at_7
        .quad   at_8
table:  .quad   case_0, case_1, case_2, case_3
