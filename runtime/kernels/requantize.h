/* From an int32 accumulator to int8, bit-exact with TFLite's double rounding: a saturating rounding doubling
 * high multiply by a Q31 multiplier, then a rounding right shift, ties away from zero. */
#ifndef TINYML_REQUANTIZE_H
#define TINYML_REQUANTIZE_H

#include <stdint.h>

#if defined(__ARM_FEATURE_SAT)
#include <arm_acle.h>
#endif

/* floor((value * multiplier + 2^30) / 2^31), for a multiplier in [0, 2^31): gemmlowp's
 * SaturatingRoundingDoublingHighMul, whose only saturating case needs two times -2^31. */
static inline int32_t multiply_high_rounded(int32_t value, int32_t multiplier) {
#if defined(__ARM_ARCH_6M__)
    /* Armv6-M multiplies 32x32 to 32 bits only: four half-word products (Hacker's Delight, mulhs). */
    const int32_t value_high = value >> 16, multiplier_high = multiplier >> 16;
    const uint32_t value_low = (uint32_t)value & 0xffffu, multiplier_low = (uint32_t)multiplier & 0xffffu;
    const int32_t middle = value_high * (int32_t)multiplier_low + (int32_t)((value_low * multiplier_low) >> 16);
    const uint32_t carry = ((uint32_t)middle & 0xffffu) + value_low * (uint32_t)multiplier_high;
    const int32_t high = value_high * multiplier_high + (middle >> 16) + (int32_t)(carry >> 16);
    return (int32_t)((uint32_t)high * 2u + ((((carry & 0xffffu) >> 14) + 1u) >> 1));
#else
    return (int32_t)(((int64_t)value * multiplier + (1 << 30)) >> 31);
#endif
}

/* The same for |value| < 2^30, where doubling first leaves one instruction on cores that multiply and round. */
static inline int32_t multiply_high_rounded_narrow(int32_t value, int32_t multiplier) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(value * 2), "r"(multiplier));
    return result;
#else
    return multiply_high_rounded(value, multiplier);
#endif
}

/* value / 2^shift, ties away from zero; 0 <= shift <= 31, |value| + 2^(shift - 1) < 2^31. */
static inline int32_t rounding_shift_right(int32_t value, int32_t shift) {
    if (shift == 0) return value;
    return (((value + (value >> 31)) >> (shift - 1)) + 1) >> 1;
}

/* TFLite's MultiplyByQuantizedMultiplier with shift = -right_shift; a negative right_shift shifts left first. */
static inline int32_t requantize(int32_t value, int32_t multiplier, int32_t right_shift) {
    const int32_t left = right_shift < 0 ? -right_shift : 0;
    const int32_t right = right_shift > 0 ? right_shift : 0;
    return rounding_shift_right(multiply_high_rounded((int32_t)((uint32_t)value << left), multiplier), right);
}

/* requantize plus zero point for |accumulator| < 2^30 and a right shift of at least 1. The zero point joins the
 * rounding constant: ((x >> (s - 1)) + 1 >> 1) + z = (x >> (s - 1)) + (2z + 1) >> 1. Where negative values end at the
 * zero point anyway (rectified), their ties need not go away from zero. */
static inline int32_t requantize_narrow(int32_t accumulator, int32_t multiplier, int32_t right_shift_less_one,
                                        int32_t zero_point, int32_t rectified) {
    const int32_t value = multiply_high_rounded_narrow(accumulator, multiplier);
    const int32_t tie = rectified ? value : value + (value >> 31);
    return ((tie >> right_shift_less_one) + (2 * zero_point + 1)) >> 1;
}

static inline int32_t clamp(int32_t value, int32_t lowest, int32_t highest) {
#if defined(__ARM_FEATURE_SAT)
    if (lowest == INT8_MIN && highest == INT8_MAX) return __ssat(value, 8);
#endif
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* The same of value >> shift, 0 < shift < 32. */
__attribute__((always_inline)) static inline int32_t clamp_shifted(int32_t value, int32_t shift, int32_t lowest,
                                                                   int32_t highest) {
#if defined(__ARM_FEATURE_SAT) && defined(__OPTIMIZE__)
    if (lowest == INT8_MIN && highest == INT8_MAX && __builtin_constant_p(shift)) {
        int32_t result;
        __asm__("ssat %0, #8, %1, asr %2" : "=r"(result) : "r"(value), "i"(shift));
        return result;
    }
#endif
    return clamp(value >> shift, lowest, highest);
}

#endif
