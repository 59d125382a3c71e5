// String instructions with and without repetition, both directions, and lengths of zero.
        .bss
from:   .skip   256
to:     .skip   256

        .text
        .globl  _start
_start:
        mov     $20, %ebx
again:
        lea     from(%rip), %rdi
        mov     %ebx, %eax
        mov     %ebx, %ecx
        rep stosb
        lea     from(%rip), %rsi
        lea     to(%rip), %rdi
        mov     $100, %ecx
        rep movsb
        xor     %ecx, %ecx
        rep movsq
        lea     from(%rip), %rsi
        lea     to(%rip), %rdi
        mov     $100, %ecx
        repe cmpsb
        jne     failed
        lea     to(%rip), %rdi
        xor     %eax, %eax
        mov     $100, %ecx
        repne scasb
        jne     failed
        std
        lea     to+15(%rip), %rdi
        lea     from+15(%rip), %rsi
        mov     $16, %ecx
        rep movsb
        cld
        lodsb
        dec     %ebx
        jnz     again
        xor     %edi, %edi
exit:   mov     $60, %eax
        syscall
failed: mov     $1, %edi
        jmp     exit
