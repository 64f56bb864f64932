/* A fault becomes one line on the UART. */
#include "board.h"

static volatile uint32_t *const fault_status = (volatile uint32_t *)0xE000ED28;      /* CFSR */
static volatile uint32_t *const hard_fault_status = (volatile uint32_t *)0xE000ED2C; /* HFSR */
static volatile uint32_t *const memory_address = (volatile uint32_t *)0xE000ED34;    /* MMFAR */
static volatile uint32_t *const bus_address = (volatile uint32_t *)0xE000ED38;       /* BFAR */

/* Bits of CFSR. */
enum {
    memory_faults = 0xffu,
    memory_stacking = 1u << 4,
    memory_address_valid = 1u << 7,
    bus_faults = 0xff00u,
    bus_stacking = 1u << 12,
    bus_address_valid = 1u << 15,
    stack_limit = 1u << 20
};

/* A bad address this little below the stack is an overflow. */
static const uint32_t overflow_bytes = 1u << 20;

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
    const uint32_t has_address = (status & (memory_address_valid | bus_address_valid)) != 0;
    const uint32_t address =
        !has_address ? 0 : (status & memory_address_valid) != 0 ? *memory_address : *bus_address;
    const uint32_t below = (uint32_t)tinyml_stack_bottom - address;
    const uint32_t is_overflow = (status & (memory_stacking | bus_stacking | stack_limit)) != 0 ||
                                 (has_address && below > 0 && below <= overflow_bytes);
    tinyml_print(is_overflow ? "stack-overflow" : "fault ");
    if (!is_overflow) {
        tinyml_print(fault_name(exception, status));
    }
    /* When the stack was not there to take the registers, they are lost. */
    if ((status & (memory_stacking | bus_stacking | stack_limit)) == 0) {
        print_field(" pc=", frame[6]);
        print_field(" lr=", frame[5]);
    }
    print_field(" cfsr=", status);
    print_field(" hfsr=", *hard_fault_status);
    if (has_address) {
        print_field(" address=", address);
    }
    tinyml_print("\n");
    tinyml_done(1);
}
