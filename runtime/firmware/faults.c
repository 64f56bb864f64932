/* Faults become one line on the UART; on request, so does the first access below the stack. */
#include "board.h"

static volatile uint32_t *const system_handlers = (volatile uint32_t *)0xE000ED24;   /* SHCSR */
static volatile uint32_t *const fault_status = (volatile uint32_t *)0xE000ED28;      /* CFSR */
static volatile uint32_t *const hard_fault_status = (volatile uint32_t *)0xE000ED2C; /* HFSR */
static volatile uint32_t *const memory_address = (volatile uint32_t *)0xE000ED34;    /* MMFAR */
static volatile uint32_t *const bus_address = (volatile uint32_t *)0xE000ED38;       /* BFAR */

enum {
    memory_data_access = 1u << 1,
    memory_stacking = 1u << 4,
    memory_address_valid = 1u << 7,
    bus_stacking = 1u << 12,
    bus_address_valid = 1u << 15,
    stack_limit = 1u << 20,
    memory_faults = 0xffu,
    bus_faults = 0xff00u,
    separate_faults = 7u << 16 /* SHCSR: usage, bus and memory faults have handlers of their own */
};

#if __ARM_ARCH < 8
/* The unprivileged protected memory system of Armv7-M. The guard is the 1 MiB below the stack. */
struct protection_unit {
    uint32_t type;
    uint32_t control;
    uint32_t number;
    uint32_t base;
    uint32_t attributes;
};

static volatile struct protection_unit *const mpu = (volatile struct protection_unit *)0xE000ED90;
static const uint32_t guard_bytes = 1u << 20;

static uint32_t guard_start(void)
{
    return (uint32_t)tinyml_stack_bottom - guard_bytes;
}
#endif

static uint32_t is_guarded(uint32_t address)
{
#if __ARM_ARCH < 8
    return (mpu->control & 1u) != 0 && address - guard_start() < guard_bytes;
#else
    (void)address;
    return 0;
#endif
}

void tinyml_guard_stack(void)
{
#if __ARM_ARCH < 8
    const uint32_t regions = (mpu->type >> 8) & 0xffu;
    if (regions == 0 || ((uint32_t)tinyml_stack_bottom & (guard_bytes - 1)) != 0) {
        return;
    }
    mpu->number = 0;
    mpu->base = guard_start();
    mpu->attributes = (1u << 28) | (19u << 1) | 1u; /* never execute, no access, 2^(19+1) bytes, on */
    mpu->control = 4u | 1u;                         /* the default map elsewhere, on */
    __asm volatile("dsb\n isb" ::: "memory");
#else
    __asm volatile("msr psplim, %0" ::"r"(tinyml_stack_bottom) : "memory");
#endif
    *system_handlers |= separate_faults;
}

static const char *fault_name(uint32_t exception, uint32_t status)
{
    if ((status & memory_faults) != 0) {
        return "memory";
    }
    if ((status & bus_faults) != 0) {
        return "bus";
    }
    if (status != 0) {
        return "usage";
    }
    return exception == 3 ? "hard" : "unexpected";
}

static void print_field(const char *name, uint32_t value)
{
    tinyml_print(name);
    tinyml_print_hex(value);
}

void tinyml_report_fault(const uint32_t *frame)
{
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    const uint32_t status = *fault_status;
    const uint32_t address = (status & memory_address_valid) != 0 ? *memory_address
                             : (status & bus_address_valid) != 0  ? *bus_address
                                                                  : 0;
    const uint32_t has_frame = (status & (memory_stacking | bus_stacking | stack_limit)) == 0;
    const uint32_t overflowed = (status & (memory_stacking | stack_limit)) != 0 ||
                                ((status & memory_address_valid) != 0 && is_guarded(address));
    tinyml_print(overflowed ? "stack-overflow" : "fault ");
    if (!overflowed) {
        tinyml_print(fault_name(exception, status));
    }
    if (has_frame) {
        print_field(" pc=", frame[6]);
        print_field(" lr=", frame[5]);
    }
    print_field(" cfsr=", status);
    print_field(" hfsr=", *hard_fault_status);
    if ((status & (memory_address_valid | bus_address_valid)) != 0) {
        print_field(" address=", address);
    }
    tinyml_print("\n");
    tinyml_done(1);
}
