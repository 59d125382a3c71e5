// Starts 64 threads, which branch 100 times each, and waits for them; with an argument, 32 processes that live at the same
// time: each branches only when all were started. Prints nothing, exit status 0.

        .set    THREAD_FLAGS, 0x350f00  // VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, PARENT_SETTID, CHILD_CLEARTID
        .set    THREADS, 64
        .set    PROCESSES, 32
        .set    STACK_BYTES, 4096

        .bss
        .align  16
stacks: .skip   THREADS * STACK_BYTES
tids:   .skip   THREADS * 4
ends:   .skip   8                       // of a pipe
byte:   .skip   8

        .text
        .globl  _start
_start:
        xor     %ebx, %ebx              // thread or process number
        cmpq    $1, (%rsp)
        jne     processes
start_thread:
        mov     $56, %eax               // clone
        mov     $THREAD_FLAGS, %edi
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
        cmp     $THREADS, %ebx
        jne     start_thread
        xor     %ebx, %ebx
wait_thread:                            // the kernel clears a thread's word at its end and wakes who waits for it
        lea     tids(, %rbx, 4), %rdi
        mov     (%rdi), %edx
        test    %edx, %edx
        jz      ended
        mov     $202, %eax              // futex
        xor     %esi, %esi              // FUTEX_WAIT
        xor     %r10d, %r10d
        syscall
        jmp     wait_thread
ended:
        inc     %ebx
        cmp     $THREADS, %ebx
        jne     wait_thread
        jmp     done

processes:
        mov     $22, %eax               // pipe
        mov     $ends, %edi
        syscall
        test    %rax, %rax
        js      failed
start_process:
        mov     $57, %eax               // fork
        syscall
        test    %rax, %rax
        js      failed
        jz      child
        inc     %ebx
        cmp     $PROCESSES, %ebx
        jne     start_process
        mov     $3, %eax                // close: the end of the file is what the children wait for
        mov     ends + 4, %edi
        syscall
wait_process:
        mov     $61, %eax               // wait4
        mov     $-1, %rdi
        mov     $byte, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        cmpl    $0, byte                // of one that exited with 0
        jne     failed
        dec     %ebx
        jnz     wait_process
done:
        xor     %edi, %edi
exit_group:
        mov     $231, %eax
        syscall
        hlt
failed:
        mov     $1, %edi
        jmp     exit_group

child:
        mov     $3, %eax                // close
        mov     ends + 4, %edi
        syscall
        xor     %eax, %eax              // read
        mov     ends, %edi
        mov     $byte, %esi
        mov     $1, %edx
        syscall
        test    %rax, %rax
        jnz     failed
work:
        mov     $25, %ebx               // four branches each time: call, return, jump, loop
1:      call    function
        jmp     2f
2:      dec     %ebx
        jnz     1b
        mov     $60, %eax               // exit
        xor     %edi, %edi
        syscall
        hlt
function:
        ret
