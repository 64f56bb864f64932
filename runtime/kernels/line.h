/* Requantization by a line: one multiplication, one addition, one shift. The generator has proven for each channel that it
 * gives what TFLite's two roundings give, for every accumulator that the layer can have. */
#ifndef TINYML_LINE_H
#define TINYML_LINE_H

#include <stdint.h>

#include "requantize.h"

/* What the channels of a layer have in common, compile-time constants. */
struct line {
    int32_t is_long; /* 1: one long multiplication; 0: two by the halves of the multiplier */
    int32_t split; /* where the halves meet */
    int32_t shift;
    int32_t high; /* upper word of the offset of a long multiplication */
    int32_t tie; /* 1: ties go away from zero, so negative accumulators have another offset */
    int32_t from, to; /* with halves: what the accumulator is cut to; from >= to: not cut */
};

/* (high:offset + value * multiplier) >> 32 >> shift for a long line; else (value * multiplier >> split) + offset >> shift,
 * the halves of the multiplier in one word. */
__attribute__((always_inline)) static inline int32_t line_value(int32_t value, int32_t multiplier, int32_t offset,
                                                                int32_t tie, const struct line *line) {
    if (line->is_long) {
        const uint32_t low = (uint32_t)offset - (line->tie ? (uint32_t)(tie & (value >> 31)) : 0u);
        const int64_t start = (int64_t)(((uint64_t)(uint32_t)line->high << 32) | low);
        return (int32_t)((start + (int64_t)value * multiplier) >> 32) >> line->shift;
    }
    if (line->from < line->to) {
        if (value < line->from) value = line->from;
        if (value > line->to) value = line->to;
    }
    const int32_t upper = (int32_t)((uint32_t)multiplier >> 16);
    int32_t lower = multiplier & 0xffff;
    /* A known factor must not be: the compiler would multiply by many shifts and additions. */
    if (__builtin_constant_p(lower)) __asm__("" : "+r"(lower));
    const int32_t product = value * upper + ((value * lower) >> line->split);
    return (product + offset - (line->tie ? tie & (value >> 31) : 0)) >> line->shift;
}

/* Saturated to [lowest, highest], where that is all of int8 by its low byte's sign. */
__attribute__((always_inline)) static inline int8_t line_clamp(int32_t value, int32_t lowest, int32_t highest) {
#if !defined(__ARM_FEATURE_SAT)
    if (lowest == INT8_MIN && highest == INT8_MAX) return value == (int8_t)value ? (int8_t)value : (int8_t)((value >> 31) ^ INT8_MAX);
#endif
    return (int8_t)clamp(value, lowest, highest);
}

#endif
