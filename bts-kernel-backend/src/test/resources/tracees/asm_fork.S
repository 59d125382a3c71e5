// Forks a child that branches 1,500 times and exits with 5; waits for it, and exits with what it exited with less 5.
// Prints nothing.

        .bss
status: .skip   4

        .text
        .globl  _start
_start:
        mov     $57, %eax               // fork
        syscall
        test    %rax, %rax
        js      failed
        jz      child
        mov     %rax, %rdi
        mov     $61, %eax               // wait4
        mov     $status, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        movzbl  status + 1, %edi
        sub     $5, %edi
        jmp     exit
failed:
        mov     $1, %edi
exit:
        mov     $60, %eax
        syscall
        hlt
child:
        mov     $500, %ebx
1:      call    function
        dec     %ebx
        jnz     1b
        mov     $5, %edi
        jmp     exit
function:
        ret
