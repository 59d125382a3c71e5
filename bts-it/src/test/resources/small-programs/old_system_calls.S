// System calls by int 0x80, which answers in 32 bits, and by syscall, which spoils rcx and r11.
        .text
        .globl  _start
_start:
        mov     $30, %ebx
again:
        mov     $39, %eax               // getpid
        syscall
        mov     %rax, %r12
        push    %rbx
        mov     $20, %eax               // getpid of 32-bit programs
        int     $0x80
        pop     %rbx
        cmp     %rax, %r12
        jne     failed
        lea     1f(%rip), %rdx
        mov     $24, %eax               // sched_yield
        syscall
1:      cmp     %rcx, %rdx
        jne     failed
        dec     %ebx
        jnz     again
        xor     %edi, %edi
exit:   mov     $60, %eax
        syscall
failed: mov     $1, %edi
        jmp     exit
