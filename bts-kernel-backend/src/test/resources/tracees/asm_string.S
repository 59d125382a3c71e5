// Repeated string instructions: they stop between iterations, but they are no branches. With a count of zero, of one, of
// many, ended early by a comparison, and directly before and after branches.

#include "asm_exit.inc"

        .text
        .globl  _start
_start:
        mov     $source, %esi
        mov     $target, %edi
        mov     $64, %ecx
        rep movsb
        check   %rcx, 0, 1

        mov     $target, %edi
        xor     %ecx, %ecx
        rep stosb                       // not once
        mov     $1, %ecx
        rep stosq                       // once
        check   %rdi, target+8, 2

        mov     $source, %esi
        mov     $source_copy, %edi
        mov     $64, %ecx
        repe cmpsb                      // ends early
        check   %rcx, 31, 3

        mov     $source, %edi
        mov     $64, %ecx
        mov     $0x20, %al
        repne scasb
        check   %rcx, 31, 4

        mov     $source, %esi
        mov     $8, %ecx
        rep lodsq
        check   %rcx, 0, 5

        std                             // downwards
        mov     $source + 63, %esi
        mov     $target + 63, %edi
        mov     $64, %ecx
        rep movsb
        cld
        check   %rsi, source-1, 6

        mov     $3, %ebx                // a branch to and from a repeated instruction
1:      mov     $target, %edi
        mov     $5, %ecx
        jmp     2f
2:      rep stosb
        dec     %ebx
        jnz     1b
        movsb                           // not repeated
        jmp     exit_success

        .data
        .balign 8
source: .fill   32, 1, 0x61
        .fill   32, 1, 0x20
source_copy:
        .fill   32, 1, 0x61
        .fill   32, 1, 0x21
target: .fill   64, 1, 0
        .quad   0, 0
