// loop, loope, loopne, jrcxz and jecxz, taken and not.
        .text
        .globl  _start
_start:
        mov     $40, %ebx
again:
        mov     $5, %ecx
1:      nop
        loop    1b
        mov     $6, %ecx
2:      cmp     $3, %rcx
        loopne  2b
        mov     $4, %ecx
3:      cmp     %rax, %rax
        loope   3b
        xor     %ecx, %ecx
        jrcxz   4f
        hlt
4:      jecxz   5f
        hlt
5:      inc     %ecx
        jrcxz   6f
        movabs  $0x100000000, %rcx
        jecxz   7f
6:      hlt
7:      dec     %ebx
        jnz     again
        xor     %edi, %edi
        mov     $60, %eax
        syscall
