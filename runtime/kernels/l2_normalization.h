/* L2_NORMALIZATION, int8, over the last dimension; the output's scale is 1/128. */
#ifndef TINYML_L2_NORMALIZATION_H
#define TINYML_L2_NORMALIZATION_H

#include "inverse_square_root.h"

struct l2_normalization_parameters {
    int32_t rows, depth;
    int32_t offset; /* added to the input: minus its zero point */
};

/* output may be input. */
__attribute__((always_inline)) static inline void l2_normalization(const int8_t *input, int8_t *output,
                                                                   struct l2_normalization_parameters p) {
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        uint32_t sum = 0;
        for (int32_t c = 0; c < p.depth; c++) {
            const int32_t value = input[c] + p.offset;
            sum += (uint32_t)(value * value);
        }
        const struct inverse_square_root scale = inverse_square_root((int32_t)sum);
        for (int32_t c = 0; c < p.depth; c++) {
            const int32_t value = requantize(input[c] + p.offset, scale.multiplier, scale.right_shift - 7);
            output[c] = (int8_t)clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
