// Branches until it is killed. Prints nothing.

        .text
        .globl  _start
_start:
        call    function
        jmp     _start
function:
        ret
