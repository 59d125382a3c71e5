// Calls and jumps through registers, memory, the stack pointer, tables and the instruction pointer; returns that pop.
        .data
table:  .quad   one, two, three, one
pointer: .quad  two

        .text
        .globl  _start
_start:
        mov     $50, %ebx
again:
        lea     one(%rip), %rax
        call    *%rax
        call    *pointer(%rip)
        mov     $2, %ecx
        call    *table(, %rcx, 8)
        push    $three
        call    *(%rsp)
        pop     %rax
        push    $0
        push    $0
        call    pops
        mov     %ebx, %eax
        and     $3, %eax
        lea     table(%rip), %rdx
        lea     back(%rip), %r12
        push    %r12
        jmp     *(%rdx, %rax, 8)
back:
        lea     forward(%rip), %r11
        jmp     *%r11
        hlt
forward:
        push    $thunk
        ret
        hlt
thunk:
        dec     %ebx
        jnz     again
        xor     %edi, %edi
        mov     $60, %eax
        syscall
one:    ret
two:    nop
        repz ret
three:  jmp     1f
1:      ret
pops:   ret     $16
