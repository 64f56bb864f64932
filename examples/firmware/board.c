/* Vector table, start-up, serial port and the way out. */
#include "board.h"

#include <stdint.h>

extern uint32_t link_stack_top[], link_data_source[], link_data_start[], link_data_end[], link_bss_start[],
    link_bss_end[];

int main(void);
void reset(void);
static void fault(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {
    .stack = link_stack_top,
    /* Reset, NMI, hard fault, memory, bus and usage fault. */
    .handlers = {reset, fault, fault, fault, fault, fault},
};

struct uart {
    volatile uint32_t data, state, control, interrupt, baud_divider;
};

static struct uart *const uart = (struct uart *)0x40004000;

/* Ends QEMU with this exit code (semihosting SYS_EXIT_EXTENDED). */
static _Noreturn void finish(uint32_t code)
{
    const uint32_t block[2] = {0x20026, code};
    register uint32_t operation __asm__("r0") = 0x20;
    register const uint32_t *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
    for (;;) {
    }
}

static void fault(void)
{
    board_print("fault\n");
    finish(99);
}

void reset(void)
{
    volatile uint32_t *const coprocessor_access = (volatile uint32_t *)0xe000ed88;
    *coprocessor_access |= 0xfu << 20; /* the floating-point unit */
    __asm__ volatile("dsb\n isb");
    const uint32_t *from = link_data_source;
    for (uint32_t *to = link_data_start; to < link_data_end; to++, from++) {
        *to = *from;
    }
    for (uint32_t *to = link_bss_start; to < link_bss_end; to++) {
        *to = 0;
    }
    uart->baud_divider = 16;
    uart->control = 1; /* transmit */
    finish((uint32_t)main());
}

void board_print(const char *text)
{
    for (; *text != '\0'; text++) {
        while (uart->state & 1) {
        }
        uart->data = (uint8_t)*text;
    }
}

void board_print_digit(int digit)
{
    const char text[2] = {(char)('0' + digit), '\0'};
    board_print(text);
}
