/* From a sum of int16 x int8 products to int16, bit-exact with TFLite: the product with 15 bits of the multiplier, rounded
 * once; where the bias has 32 bits, as for int8. The generator chooses the way. */
#ifndef TINYML_REQUANTIZE_INT16X8_H
#define TINYML_REQUANTIZE_INT16X8_H

#include "requantize.h"

enum {
    rounding_high = 0, /* int32 sums: the upper word of the product, the multiplier shifted so that it is that */
    rounding_wide = 1, /* int64 sums: shifted right */
    rounding_double = 2, /* sums of 32 bits that wrap */
    rounding_shifted = 3 /* int32 sums: shifted right by each channel's own shift */
};

static inline int32_t has_wide_sums(int32_t rounding) {
    return rounding == rounding_wide || rounding == rounding_double;
}

/* floor(value * multiplier / 2^32 + 1/2), for a multiplier in [0, 2^31). */
static inline int32_t multiply_to_high_word(int32_t value, int32_t multiplier) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(value), "r"(multiplier));
    return result;
#elif defined(__ARM_ARCH_6M__)
    const int32_t value_high = value >> 16, multiplier_high = multiplier >> 16;
    const uint32_t value_low = (uint32_t)value & 0xffffu, multiplier_low = (uint32_t)multiplier & 0xffffu;
    const int32_t middle = value_high * (int32_t)multiplier_low + (int32_t)((value_low * multiplier_low) >> 16);
    const uint32_t carry = ((uint32_t)middle & 0xffffu) + value_low * (uint32_t)multiplier_high;
    return value_high * multiplier_high + (middle >> 16) + (int32_t)(carry >> 16) + (int32_t)((carry & 0xffffu) >> 15);
#else
    return (int32_t)(((int64_t)value * multiplier + INT64_C(0x80000000)) >> 32);
#endif
}

/* floor(value * multiplier / 2^shift + 1/2), for |value| < 2^47, a multiplier of 15 bits and 0 < shift < 64. */
static inline int32_t multiply_and_shift(int64_t value, int32_t multiplier, int32_t shift) {
    return (int32_t)((value * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
}

static inline int32_t clamp_int16(int32_t value, int32_t lowest, int32_t highest) {
#if defined(__ARM_FEATURE_SAT)
    if (lowest == INT16_MIN && highest == INT16_MAX) return __ssat(value, 16);
#endif
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* Channel c's bias in 64 bits: two words each, the lower one first. */
static inline int64_t wide_bias(const int32_t *bias, int32_t c) {
    return (int64_t)(((uint64_t)(uint32_t)bias[2 * c + 1] << 32) | (uint32_t)bias[2 * c]);
}

/* Channel c's output from its sum in 64 bits. multiplier: multiplier and right shift of each channel. */
static inline int32_t requantize_wide(int64_t sum, const int32_t *multiplier, int32_t c, int32_t rounding) {
    if (rounding == rounding_double) return requantize((int32_t)(uint32_t)(uint64_t)sum, multiplier[2 * c], multiplier[2 * c + 1]);
    return multiply_and_shift(sum, multiplier[2 * c], multiplier[2 * c + 1]);
}

/* Channel c's output from its sum in 32 bits. multiplier: where shifted, multiplier and right shift of each channel. */
static inline int32_t requantize_sum(int32_t sum, const int32_t *multiplier, int32_t c, int32_t rounding) {
    if (rounding == rounding_shifted) return multiply_and_shift(sum, multiplier[2 * c], multiplier[2 * c + 1]);
    return multiply_to_high_word(sum, multiplier[c]);
}

#endif
