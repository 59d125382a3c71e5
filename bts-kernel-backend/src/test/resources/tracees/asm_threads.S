// The first thread starts two more, which branch 1,500 times each, and waits for them. Prints nothing, exit status 0.

        .set    CLONE_FLAGS, 0x350f00   // VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, PARENT_SETTID, CHILD_CLEARTID
        .set    STACK_BYTES, 4096

        .bss
        .align  16
stacks: .skip   2 * STACK_BYTES
tids:   .skip   8

        .text
        .globl  _start
_start:
        xor     %ebx, %ebx              // thread number
start_next:
        mov     $56, %eax               // clone
        mov     $CLONE_FLAGS, %edi
        lea     1(%rbx), %rsi
        imul    $STACK_BYTES, %rsi, %rsi
        add     $stacks, %rsi
        lea     tids(, %rbx, 4), %rdx
        mov     %rdx, %r10
        xor     %r8d, %r8d
        syscall
        test    %rax, %rax
        js      failed
        jz      work
        inc     %ebx
        cmp     $2, %ebx
        jne     start_next

        xor     %ebx, %ebx
wait_next:                              // the kernel clears a thread's word at its end and wakes who waits for it
        lea     tids(, %rbx, 4), %rdi
        mov     (%rdi), %edx
        test    %edx, %edx
        jz      ended
        mov     $202, %eax              // futex
        xor     %esi, %esi              // FUTEX_WAIT
        xor     %r10d, %r10d
        syscall
        jmp     wait_next
ended:
        inc     %ebx
        cmp     $2, %ebx
        jne     wait_next
        xor     %edi, %edi
exit_group:
        mov     $231, %eax
        syscall
        hlt
failed:
        mov     $1, %edi
        jmp     exit_group

work:
        mov     $500, %ebx
1:      call    function
        dec     %ebx
        jnz     1b
        mov     $60, %eax               // exit
        xor     %edi, %edi
        syscall
        hlt
function:
        ret
