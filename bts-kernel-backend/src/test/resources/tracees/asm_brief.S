// Branches some sixty times, calls what it has just written twice, and forks a child that does so too and exits with 0;
// waits for it. With an argument it goes on so for each byte of standard input, until its end. Exit status 7, or 8 if
// something failed. Prints nothing.

        .bss
byte:   .skip   8
status: .skip   8
        .balign 4096
written: .skip  4096

        .text
        .globl  _start
_start:
        mov     (%rsp), %r12            // argc
        mov     $10, %eax               // mprotect
        mov     $written, %edi
        mov     $4096, %esi
        mov     $7, %edx                // PROT_READ | PROT_WRITE | PROT_EXEC
        syscall
        test    %rax, %rax
        jnz     failed
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
        movb    $0xc3, written          // ret
        call    written
        movw    $0xc390, written        // nop, ret
        call    written
        ret
function:
        ret
