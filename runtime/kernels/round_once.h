/* Quantized arithmetic of ONNX, bit-exact with onnxruntime: float32, rounded to an integer once, halves to the even
 * neighbour. Floats are passed as their bits, so that tables of int32 hold them. */
#ifndef TINYML_ROUND_ONCE_H
#define TINYML_ROUND_ONCE_H

#include <stdint.h>
#include <string.h>

#include "requantize.h"

/* A hardware unit for single precision. */
#if defined(__ARM_FP) && (__ARM_FP & 4)
#define TINYML_FLOAT_UNIT
#endif

static inline float float_of_bits(int32_t bits) {
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

/* The number as it is: no compiler, whatever its options, makes one operation of the one before and the one behind. */
static inline float rounded_float(float value) {
#if defined(TINYML_FLOAT_UNIT)
    __asm__("" : "+t"(value));
#elif defined(__arm__)
    __asm__("" : "+r"(value));
#elif defined(__SSE2__)
    __asm__("" : "+x"(value));
#endif
    return value;
}

/* To the nearest integer, halves to the even one; beyond 2^29 to about that, not-a-number to 0. */
static inline int32_t round_to_even(float value) {
#if defined(TINYML_FLOAT_UNIT) && defined(__ARM_FEATURE_SAT)
    int32_t result;
    __asm__("vcvtr.s32.f32 %0, %0" : "+t"(value)); /* by the rounding mode, which is this one unless it is changed */
    memcpy(&result, &value, sizeof result);
    return __ssat(result, 30);
#else
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int32_t exponent = (int32_t)(bits >> 23 & 255u) - 127;
    const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
    uint32_t whole = 0;
    if (exponent >= 29) {
        whole = exponent == 128 && (bits & 0x7fffffu) != 0 ? 0 : 1u << 29;
    } else if (exponent >= 23) {
        whole = mantissa << (exponent - 23);
    } else if (exponent >= -1) {
        const int32_t shift = 23 - exponent; /* 1 to 24 */
        const uint32_t half = 1u << (shift - 1), rest = mantissa & (2 * half - 1);
        whole = mantissa >> shift;
        if (rest > half || (rest == half && (whole & 1u) != 0)) whole++;
    }
    return bits >> 31 != 0 ? -(int32_t)whole : (int32_t)whole;
#endif
}

/* An accumulator times a float32 multiplier. */
static inline int32_t multiply_once(int32_t value, int32_t multiplier_bits) {
    return round_to_even(rounded_float((float)value * float_of_bits(multiplier_bits)));
}

#if !defined(TINYML_FLOAT_UNIT)
/* The same, one copy for all: in software floats. */
__attribute__((noinline, unused)) static int32_t multiply_once_slowly(int32_t value, int32_t multiplier_bits) {
    return multiply_once(value, multiplier_bits);
}

/* floor(value * multiplier / 2^32), for a multiplier in [0, 2^31). */
static inline int32_t multiply_high(int32_t value, int32_t multiplier) {
#if defined(__ARM_ARCH_6M__)
    const int32_t value_high = value >> 16, multiplier_high = multiplier >> 16;
    const uint32_t value_low = (uint32_t)value & 0xffffu, multiplier_low = (uint32_t)multiplier & 0xffffu;
    const int32_t middle = value_high * (int32_t)multiplier_low + (int32_t)((value_low * multiplier_low) >> 16);
    const uint32_t carry = ((uint32_t)middle & 0xffffu) + value_low * (uint32_t)multiplier_high;
    return value_high * multiplier_high + (middle >> 16) + (int32_t)(carry >> 16);
#else
    return (int32_t)(((int64_t)value * multiplier) >> 32);
#endif
}
#endif

/* The same where all multipliers of the layer have exponents (biased) from `exponent` to `exponent` + 7, all accumulators
 * may be shifted to the left, and no product then leaves 32 bits with 118 - exponent + shift bits after the point. Integers
 * give it, unless the result is so close to halfway between two integers that float32 might be on either side or upon it.
 * Exponent 0: nothing is known. */
static inline int32_t requantize_once(int32_t value, int32_t multiplier_bits, int32_t exponent, int32_t shift) {
#if defined(TINYML_FLOAT_UNIT)
    (void)exponent, (void)shift;
    return multiply_once(value, multiplier_bits);
#else
    if (exponent > 0) {
        const uint32_t bits = (uint32_t)multiplier_bits;
        const int32_t point = 118 - exponent + shift; /* 10 to 29 */
        const int32_t multiplier = (int32_t)(((bits & 0x7fffffu) | 0x800000u) << ((bits >> 23) - (uint32_t)exponent));
        const int32_t raised = multiply_high((int32_t)((uint32_t)value << shift), multiplier) + (1 << (point - 1));
        /* Up to 256, float32 is 2^-15 off at most. */
        const uint32_t doubt = (point > 15 ? 1u << (point - 15) : 1u) + 2u;
        if ((((uint32_t)raised + doubt) & ((1u << point) - 1u)) >= 2u * doubt) return raised >> point;
    }
    return multiply_once_slowly(value, multiplier_bits);
#endif
}

/* QuantizeLinear, before it is clamped. */
static inline int32_t quantize_float(float real, float scale, int32_t zero_point) {
    return round_to_even(rounded_float(real / scale)) + zero_point;
}

/* DequantizeLinear; offset is minus the zero point. */
static inline float dequantize_int8(int32_t value, int32_t offset, float scale) {
    return rounded_float((float)(value + offset) * scale);
}

#endif
