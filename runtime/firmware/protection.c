/*
 * The memory protection unit as a fence around the firmware: flash read-only, RAM not executable, and beyond
 * flash, RAM, mailbox and UART nothing at all. An emulated board has memory where a part has none; with the
 * fence every stray access is a fault, and so is the first access below the stack, which lies at the start of
 * RAM. Switched on by the host where the emulator models the unit.
 */
#include "board.h"

static volatile uint32_t *const system_handlers = (volatile uint32_t *)0xE000ED24; /* SHCSR */
static const uint32_t separate_faults = 7u << 16; /* usage, bus and memory faults have handlers of their own */

#if __ARM_ARCH < 7
static volatile uint32_t *const configuration = (volatile uint32_t *)0xE000ED14; /* CCR */
static const uint32_t trap_unaligned = 1u << 3;
#endif

struct fence {
    uint32_t start;
    uint32_t bytes;
    uint32_t is_executable;
    uint32_t is_writable;
};

#if __ARM_ARCH < 8

struct protection_unit {
    uint32_t type;
    uint32_t control;
    uint32_t number;
    uint32_t base;
    uint32_t attributes;
};
static volatile struct protection_unit *const mpu = (volatile struct protection_unit *)0xE000ED90;

/* Armv7-M regions are powers of two, aligned to their size; all boards' memories are. */
static void allow(uint32_t region, const struct fence *fence)
{
    uint32_t log2 = 5;
    while (log2 < 31 && (1u << log2) < fence->bytes) {
        log2++;
    }
    const uint32_t never_execute = fence->is_executable ? 0 : 1u << 28;
    const uint32_t access = fence->is_writable ? 1u << 24 : 5u << 24; /* privileged */
    const uint32_t normal_memory = 1u << 19;
    mpu->number = region;
    mpu->base = fence->start & ~((1u << log2) - 1);
    mpu->attributes = never_execute | access | normal_memory | ((log2 - 1) << 1) | 1u;
}

#else

struct protection_unit {
    uint32_t type;
    uint32_t control;
    uint32_t number;
    uint32_t base;
    uint32_t limit;
    uint32_t aliases[7];
    uint32_t memory_attributes;
};
static volatile struct protection_unit *const mpu = (volatile struct protection_unit *)0xE000ED90;

static void allow(uint32_t region, const struct fence *fence)
{
    const uint32_t never_execute = fence->is_executable ? 0 : 1u;
    const uint32_t access = fence->is_writable ? 0 : 2u << 1; /* privileged */
    mpu->memory_attributes = 0x44; /* attribute 0: normal, not cached */
    mpu->number = region;
    mpu->base = (fence->start & ~31u) | access | never_execute;
    mpu->limit = ((fence->start + fence->bytes - 1) & ~31u) | 1u;
}

#endif

static uint32_t value_of(const void *symbol)
{
    return (uint32_t)symbol;
}

void tinyml_fence_memory(void)
{
    const struct fence fences[] = {
        {value_of(tinyml_flash_start), value_of(tinyml_flash_bytes), 1, 0},
        {value_of(tinyml_ram_start), value_of(tinyml_ram_bytes), 0, 1},
        {value_of(&tinyml_mailbox), value_of(tinyml_mailbox_bytes), 0, 0},
        {value_of((const void *)&tinyml_uart), 4096, 0, 1},
    };
    const uint32_t count = sizeof fences / sizeof fences[0];
    const uint32_t regions = (mpu->type >> 8) & 0xffu;
    if (regions >= count) {
        for (uint32_t i = 0; i < count; i++) {
            allow(i, &fences[i]);
        }
        mpu->control = 1;
        __asm volatile("dsb\n isb" ::: "memory");
    }
#if __ARM_ARCH >= 8
    __asm volatile("msr psplim, %0" ::"r"(tinyml_stack_bottom) : "memory");
#endif
#if __ARM_ARCH < 7
    *configuration |= trap_unaligned; /* QEMU runs Armv6-M code on a Cortex-M3, which would let them pass */
#endif
    *system_handlers |= separate_faults;
}
