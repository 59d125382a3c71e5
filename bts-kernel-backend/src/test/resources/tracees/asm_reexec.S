// Takes some branches and executes itself, again and again, until it is killed. Prints nothing.

        .equ    SYS_execve, 59
        .equ    SYS_exit, 60

        .text
        .globl  _start
_start:
        mov     $500, %ecx
again:
        dec     %ecx
        jnz     again
        mov     (%rsp), %rax                    // argc
        lea     8(%rsp), %rsi                   // argv
        lea     16(%rsp,%rax,8), %rdx           // envp
        lea     self(%rip), %rdi
        mov     $SYS_execve, %eax
        syscall
        mov     $1, %edi
        mov     $SYS_exit, %eax
        syscall

        .section .rodata
self:   .asciz  "/proc/self/exe"
