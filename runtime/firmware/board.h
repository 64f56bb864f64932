/* Addresses that the link script knows and the harness' few ways to the outside. */
#ifndef TINYML_BOARD_H
#define TINYML_BOARD_H

#include <stdint.h>

/* What the host fills in before the run; packed samples follow the header. */
struct tinyml_mailbox {
    uint32_t magic;
    uint32_t flags;
    uint32_t samples;
    uint32_t bytes_per_sample;
    uint8_t data[];
};

/* "TMLM", little-endian. */
static const uint32_t tinyml_mailbox_magic = 0x4d4c4d54;
/* The emulator models the memory protection unit and the stack limit register: use them. */
static const uint32_t tinyml_flag_fence = 1;
/* A word stands before each sample: 1 where it goes on from the state that the sample before left, 0 where the model is
 * reset. */
static const uint32_t tinyml_flag_sequences = 2;

struct cmsdk_uart {
    uint32_t data;
    uint32_t state;
    uint32_t control;
    uint32_t interrupt;
    uint32_t divider;
};

/* From the link script: a symbol's address is the value. */
extern const struct tinyml_mailbox tinyml_mailbox;
extern const uint8_t tinyml_mailbox_bytes[];
extern volatile struct cmsdk_uart tinyml_uart;
extern const uint8_t tinyml_flash_start[], tinyml_flash_bytes[];
extern const uint8_t tinyml_ram_start[], tinyml_ram_bytes[];
extern uint32_t tinyml_stack_bottom[];
/* What the free stack is filled with before an inference. */
extern const uint32_t tinyml_stack_paint;

void tinyml_uart_start(void);
void tinyml_print(const char *text);
void tinyml_print_decimal(uint32_t value);
void tinyml_print_hex(uint32_t value);
void tinyml_print_byte(uint8_t value);
void tinyml_trace(const void *bytes, uint32_t count);

void tinyml_fence_memory(void);
void tinyml_report_fault(const uint32_t *frame);

uint32_t tinyml_measure(void (*invoke)(void *arena), void *arena);
__attribute__((noreturn)) void tinyml_done(uint32_t code);

#endif
