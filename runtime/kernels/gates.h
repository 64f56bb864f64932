/* Logistic function and tanh of recurrent gates: between the points of one table, as the int16 kernels of TFLite. */
#ifndef TINYML_GATES_H
#define TINYML_GATES_H

#include <stdint.h>

/* Saturated beyond this point of the table. */
enum { gate_table_end = 255 };

/* table[i]: the logistic function of i / 24, Q16, less 2^15. The value at magnitude, times 2^bits; bits of the magnitude
 * are the way from one point to the next. */
static inline int32_t gate_between(const int16_t *table, uint32_t magnitude, int32_t bits, int32_t beyond) {
    const uint32_t index = magnitude >> bits;
    if (index >= gate_table_end) return beyond;
    const int32_t from = table[index] + 32768, to = table[index + 1] + 32768;
    return (int32_t)((uint32_t)from << bits) + (int32_t)(magnitude & ((1u << bits) - 1u)) * (to - from);
}

/* 1 / (1 + exp(-x)), Q15; x in 1 / (3 * 4096). */
static inline int32_t gate_logistic(const int16_t *table, int32_t x) {
    const int32_t value = gate_between(table, (uint32_t)(x < 0 ? -x : x), 9, 0x7fff << 10);
    return (x >= 0 ? value + (1 << 9) : (1 << 25) - value + (1 << 9) - 1) >> 10;
}

/* tanh(x), Q15; x in 1 / (3 * 4096). */
static inline int32_t gate_tanh(const int16_t *table, int32_t x) {
    const int32_t half = gate_between(table, (uint32_t)(x < 0 ? -x : x), 8, 0xffff << 8) - (1 << 23);
    return (x >= 0 ? half + (1 << 7) : -half + (1 << 7) - 1) >> 8;
}

#endif
