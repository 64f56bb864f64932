/* 1 / x in fixed point, bit-exact with gemmlowp: Newton-Raphson from 48/17 - 32/17 x. */
#ifndef TINYML_RECIPROCAL_H
#define TINYML_RECIPROCAL_H

#include "requantize.h"

/* As multiply_high_rounded, for factors of any sign. */
static inline int32_t multiply_high_signed(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

static inline int32_t leading_zeros(uint32_t value) {
    int32_t zeros = 0;
    for (; value < 0x80000000u && zeros < 32; zeros++) value <<= 1;
    return zeros;
}

struct reciprocal {
    int32_t mantissa; /* Q31 */
    int32_t bits_over_unit;
};

/* 1 / (1 + x) for x in [0, 1), Q31. */
static inline int32_t one_over_one_plus(int32_t x) {
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t estimate = 1515870810 + multiply_high_signed(half_denominator, -1010580540); /* Q2.29 */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - multiply_high_signed(half_denominator, estimate);
        /* Q2.29 times Q2.29 is Q4.27: two bits to the left, saturating */
        const int32_t step = multiply_high_signed(estimate, error);
        estimate += step >= (1 << 29) ? INT32_MAX : step <= -(1 << 29) ? INT32_MIN : step * 4;
    }
    return estimate >= (1 << 30) ? INT32_MAX : estimate * 2; /* Q2.29, halved, to Q0.31: one bit to the left */
}

/* 1 / x for x > 0 with `integer_bits` integer bits. */
static inline struct reciprocal reciprocal(int32_t x, int32_t integer_bits) {
    const int32_t headroom = leading_zeros((uint32_t)x);
    const int32_t fraction = (int32_t)(((uint32_t)x << headroom) - 0x80000000u);
    return (struct reciprocal){one_over_one_plus(fraction), integer_bits - headroom};
}

#endif
