/*
 * Vector table, reset, faults, the measured call and the end of a run, for Armv6-M to Armv8.1-M.
 *
 * The model runs in thread mode on the process stack, at the bottom of RAM; exceptions use the main stack,
 * a small one of their own, so that a fault can be reported after the model has used up its stack.
 */
    .syntax unified
    .thumb

    .equ VTOR, 0xE000ED08
    .equ CPACR, 0xE000ED88

    .section .tinyml.vectors, "a"
    .balign 256
    .global tinyml_vectors
tinyml_vectors:
    .word tinyml_fault_stack_top
    .word tinyml_reset
    .rept 14
    .word tinyml_exception
    .endr

    .text
    .global tinyml_reset
    .type tinyml_reset, %function
tinyml_reset:
#if __ARM_ARCH >= 7
    ldr r0, =VTOR
    ldr r1, =tinyml_vectors
    str r1, [r0]
#endif
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    /* Coprocessors 10 and 11, full access: the floating-point registers, which Helium shares. Low-overhead
     * loops need no switch: CCR.LOB only lets a core cache them. */
    ldr r0, =CPACR
    ldr r1, [r0]
    ldr r2, =0x00F00000
    orrs r1, r2
    str r1, [r0]
    dsb
    isb
#endif
    ldr r0, =tinyml_stack_top
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    bl tinyml_start
    b .
    .size tinyml_reset, . - tinyml_reset
    .pool

    .global tinyml_exception
    .type tinyml_exception, %function
tinyml_exception:
    /* tinyml_report_fault(stack pointer of the code that faulted) */
    movs r0, #4
    mov r1, lr
    tst r1, r0
    beq 1f
    mrs r0, psp
    b 2f
1:  mrs r0, msp
2:  bl tinyml_report_fault
    b .
    .size tinyml_exception, . - tinyml_exception
    .pool

    /*
     * uint32_t tinyml_measure(void (*invoke)(void *arena), void *arena): paints the free stack, calls
     * invoke, and returns how many bytes of stack the call used. An inference's instructions are counted
     * from the entry of invoke to tinyml_measure_end.
     */
    .global tinyml_measure
    .type tinyml_measure, %function
tinyml_measure:
    push {r4, lr}
    ldr r2, =tinyml_stack_bottom
    ldr r3, =tinyml_stack_paint
    ldr r3, [r3]
    mov r4, sp
1:  stmia r2!, {r3}
    cmp r2, r4
    blo 1b
    mov r2, r0
    mov r0, r1
    blx r2
    .global tinyml_measure_end
    .type tinyml_measure_end, %function
tinyml_measure_end:
    ldr r2, =tinyml_stack_bottom
    ldr r3, =tinyml_stack_paint
    ldr r3, [r3]
    mov r4, sp
2:  ldr r1, [r2]
    cmp r1, r3
    bne 3f
    adds r2, #4
    cmp r2, r4
    blo 2b
3:  subs r0, r4, r2
    pop {r4, pc}
    .size tinyml_measure, . - tinyml_measure
    .pool

    /*
     * void tinyml_done(uint32_t code): ends the run. QEMU exits by semihosting (SYS_EXIT_EXTENDED,
     * application exit); Renode, which has no such call, halts at this function's entry by a hook.
     */
    .global tinyml_done
    .type tinyml_done, %function
tinyml_done:
    sub sp, #8
    ldr r1, =0x20026
    str r1, [sp, #0]
    str r0, [sp, #4]
    mov r1, sp
    movs r0, #0x20
    bkpt 0xAB
    b .
    .size tinyml_done, . - tinyml_done
    .pool
