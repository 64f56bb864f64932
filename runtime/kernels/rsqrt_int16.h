/* RSQRT, int16: 1 / sqrt(x); at and below zero the largest value. */
#ifndef TINYML_RSQRT_INT16_H
#define TINYML_RSQRT_INT16_H

#include "inverse_square_root.h"
#include "requantize_int16x8.h"

struct rsqrt_int16_parameters {
    int32_t count;
    int32_t multiplier, shift; /* right shift, of a root with 20 bits of fraction */
};

/* output may be input. */
__attribute__((always_inline)) static inline void rsqrt_int16(const void *input_halves, void *output_halves,
                                                              struct rsqrt_int16_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.count; i++) {
        int32_t value = INT16_MAX;
        if (input[i] > 0) {
            const struct inverse_square_root scale = inverse_square_root(input[i]);
            const int32_t root = requantize(1, scale.multiplier, scale.right_shift - 20);
            value = requantize(root, p.multiplier, p.shift);
        }
        output[i] = (int16_t)clamp_int16(value, INT16_MIN, INT16_MAX);
    }
}

#endif
