// Calls and returns: near and far, direct and through registers and memory, ret with an immediate, iretq.

#include "asm_exit.inc"

        .text
        .globl  _start
_start:
        xor     %r13d, %r13d
        call    count
        mov     $count, %eax
        call    *%rax
        mov     $count, %r9d
        call    *%r9
        call    *pointer(%rip)
        call    *pointer
        mov     $pointer, %ebx
        call    *(%rbx)
        mov     $2, %ecx
        call    *-16(%rbx,%rcx,8)
        check   %r13, 7, 1

        push    $count                  // the operand lies on the stack that the call pushes on
        call    *(%rsp)
        pop     %rax
        check   %r13, 8, 2

        .byte   0xe8                    // call next, the way old position-independent code finds itself
        .long   0
here:   pop     %rax
        check   %rax, here, 3

        mov     %rsp, %rbp              // ret with an immediate takes the arguments away
        push    $1
        push    $2
        call    count_and_drop
        cmp     %rsp, %rbp
        je      1f
        mov     $4, %edi
        jmp     exit_with_rdi
1:
        call    count_rep               // AMD's two-byte return
        call    count_bnd
        check   %r13, 11, 5

        push    $2f                     // a return that no call went before
        ret
        hlt
2:
        mov     %cs, %eax               // far return
        push    %rax
        push    $3f
        lretq
        hlt
3:
        mov     %cs, far_pointer+4      // far jump and far call through memory, 32-bit offsets
        movl    $4f, far_pointer
        ljmpl   *far_pointer
        hlt
4:      movl    $far_count, far_pointer
        lcalll  *far_pointer
        check   %r13, 12, 6

        mov     %ss, %eax               // iretq to the same privilege level
        mov     %rsp, %rcx
        push    %rax
        push    %rcx
        push    $0x202
        mov     %cs, %eax
        push    %rax
        push    $5f
        iretq
        hlt
5:
        mov     $20, %ecx               // recursion
        call    recurse
        check   %r13, 32, 7
        jmp     exit_success

count:  inc     %r13
        ret
count_and_drop:
        inc     %r13
        ret     $16
count_rep:
        inc     %r13
        rep ret
count_bnd:
        inc     %r13
        bnd ret
far_count:
        inc     %r13
        lretl
recurse:
        inc     %r13
        dec     %ecx
        jz      1f
        call    recurse
1:      ret

        .data
        .balign 8
pointer:
        .quad   count
far_pointer:
        .quad   0
