/* 1 / sqrt(x) in fixed point, bit-exact with TFLite's GetInvSqrtQuantizedMultiplierExp: five Newton-Raphson steps. */
#ifndef TINYML_INVERSE_SQUARE_ROOT_H
#define TINYML_INVERSE_SQUARE_ROOT_H

#include "reciprocal.h"

struct inverse_square_root {
    int32_t multiplier; /* Q31 */
    int32_t right_shift;
};

static inline struct inverse_square_root inverse_square_root(int32_t x) {
    if (x <= 1) return (struct inverse_square_root){INT32_MAX, 0};
    int32_t right_shift = 11;
    for (; x >= 1 << 29; x /= 4) right_shift++;
    /* x and y in Q3.28, x in [1/2, 2): y is at most sqrt(2), and nothing saturates. */
    const int32_t pairs = (leading_zeros((uint32_t)x) - 1) / 2 - 1;
    x <<= 2 * pairs;
    right_shift -= pairs;
    const int32_t half = rounding_shift_right(x >> 1, 1), three_halves = (1 << 28) + (1 << 27);
    int32_t y = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t cube = multiply_high_signed(multiply_high_signed(y, y), y) * 64;
        y = (multiply_high_signed(three_halves, y) - multiply_high_signed(half, cube)) * 8;
    }
    const int32_t multiplier = multiply_high_signed(y, 1518500250); /* sqrt(1/2), Q31 */
    if (right_shift < 0) return (struct inverse_square_root){multiplier << -right_shift, 0};
    return (struct inverse_square_root){multiplier, right_shift};
}

#endif
