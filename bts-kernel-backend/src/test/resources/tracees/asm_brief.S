// Branches sixty times, and forks a child that does so too and exits with 0; waits for it. With an argument it goes on so
// for each byte of standard input, until its end. Exit status 7, or 8 if something failed. Prints nothing.

        .bss
byte:   .skip   8
status: .skip   8

        .text
        .globl  _start
_start:
        mov     (%rsp), %r12            // argc
again:
        call    work
        mov     $57, %eax               // fork
        syscall
        test    %rax, %rax
        js      failed
        jz      child
        mov     %rax, %r13
wait:
        mov     %r13, %rdi
        mov     $61, %eax               // wait4
        mov     $status, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        cmp     %r13, %rax
        jne     failed
        cmpl    $0, status
        jne     failed
        cmp     $1, %r12
        je      done
        xor     %eax, %eax              // read
        xor     %edi, %edi
        mov     $byte, %esi
        mov     $1, %edx
        syscall
        cmp     $1, %rax
        je      again
        test    %rax, %rax
        jnz     failed
done:
        mov     $7, %edi
exit:
        mov     $60, %eax
        syscall
        hlt
failed:
        mov     $8, %edi
        jmp     exit
child:
        call    work
        xor     %edi, %edi
        jmp     exit
work:
        mov     $20, %ebx
1:      call    function
        dec     %ebx
        jnz     1b
        ret
function:
        ret
