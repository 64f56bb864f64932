/* ln(x) in fixed point, bit-exact with TFLite's log_x_for_x_greater_than_or_equal_to_1. */
#ifndef TINYML_LOGARITHM_H
#define TINYML_LOGARITHM_H

#include "reciprocal.h"

/* 2 * value, saturated, for value >= 0. */
static inline int32_t doubled(int32_t value) {
    return value >= 1 << 30 ? INT32_MAX : value * 2;
}

/* x >= 1 in Q12.19 gives ln(x) in Q5.26. The power of two is split off twice, at 2^n and at 2^(n + 1/2); the nearer
 * one leaves a remainder next to the fourth root of 1/2, where a rational function gives its logarithm. */
static inline int32_t logarithm(int32_t x) {
    const int32_t log_of_two = 1488522236, root_of_half = 1518500250, fourth_root_of_half = 1805811301; /* Q31 */
    const int32_t quarter = 1 << 23;                                                                    /* Q6.25 */
    const int32_t zeros = leading_zeros((uint32_t)x);
    const int32_t remainder_a = doubled(multiply_high_signed(x << (zeros - 1), root_of_half));
    const int32_t power_a = (12 - zeros) * (1 << 25) + quarter;
    const int32_t headroom = leading_zeros((uint32_t)multiply_high_signed(x, root_of_half)) - 1;
    const int32_t remainder_b = headroom == 0 ? x : doubled(x << (headroom - 1));
    const int32_t power_b = (12 - headroom) * (1 << 25) - quarter;

    const int32_t r = remainder_a < remainder_b ? remainder_a : remainder_b;
    const int32_t power = power_a > power_b ? power_a : power_b;
    const int32_t p = (int32_t)(((uint32_t)r + (uint32_t)fourth_root_of_half + 1) >> 1);
    const int32_t q = (r - fourth_root_of_half) * 2;
    const int32_t square = multiply_high_signed(q, q);
    const int32_t cube = multiply_high_signed(q, square);
    const int32_t numerator = multiply_high_signed(q, r) + multiply_high_signed(cube, 117049297);
    const int32_t inner = 1057819769 + q + multiply_high_signed(127690142, square);
    const int32_t denominator = multiply_high_signed(p, inner) + multiply_high_signed(638450708, q);
    const int32_t fraction = multiply_high_signed(rounding_shift_right(numerator, 6), one_over_one_plus(denominator));
    return (multiply_high_signed(power, log_of_two) + fraction) * 2;
}

#endif
