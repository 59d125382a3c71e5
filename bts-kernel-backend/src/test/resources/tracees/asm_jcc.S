// Every conditional jump, short and near, with every combination of the five flags they test: of 16 conditions exactly
// half are taken for each combination.

#include "asm_exit.inc"

        .macro  condition cc
        push    %r12
        popfq
        j\cc    1f                      // short form
        jmp     2f
1:      inc     %r13
2:      push    %r12
        popfq
        .byte   0x0f                    // near form; the assembler would choose the short one
        .byte   0x80 + code
        .long   3f - . - 4
        jmp     4f
3:      inc     %r14
4:
        .set    code, code + 1
        .endm

        .text
        .globl  _start
_start:
        xor     %r13d, %r13d            // taken, short
        xor     %r14d, %r14d            // taken, near
        xor     %ebx, %ebx              // combination
next_combination:
        mov     $0x202, %r12d           // always set: bit 1, interrupt enable
        mov     %ebx, %eax
        and     $1, %eax                // CF, bit 0
        or      %eax, %r12d
        mov     %ebx, %eax
        and     $2, %eax                // PF, bit 2
        shl     $1, %eax
        or      %eax, %r12d
        mov     %ebx, %eax
        and     $12, %eax               // ZF and SF, bits 6 and 7
        shl     $4, %eax
        or      %eax, %r12d
        mov     %ebx, %eax
        and     $16, %eax               // OF, bit 11
        shl     $7, %eax
        or      %eax, %r12d

        .set    code, 0
        .irp    cc, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g
        condition \cc
        .endr

        inc     %ebx
        cmp     $32, %ebx
        jne     next_combination

        check   %r13, 256, 1
        check   %r14, 256, 2
        jmp     exit_success
