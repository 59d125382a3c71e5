// 2,999 branches, the same on every run and at the same addresses, then exit status 3. Prints nothing.

        .text
        .globl  _start
_start:
        mov     $1000, %ebx
1:      call    function
        dec     %ebx
        jnz     1b
        mov     $60, %eax               // exit
        mov     $3, %edi
        syscall
        hlt
function:
        ret
