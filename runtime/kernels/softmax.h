/* SOFTMAX, int8, over the last dimension: gemmlowp's fixed-point arithmetic with the exponentials in a table. */
#ifndef TINYML_SOFTMAX_H
#define TINYML_SOFTMAX_H

#include "reciprocal.h"

struct softmax_parameters {
    int32_t rows, depth;
    int32_t table_size; /* differences from 0 to -(table_size - 1) count; a smaller one adds nothing */
};

/* exponentials[d] = exp(-d * beta * scale), Q31. */
__attribute__((always_inline)) static inline void softmax(const int8_t *input, int8_t *output,
                                                          const int32_t *exponentials, struct softmax_parameters p) {
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        int32_t most = INT8_MIN;
        for (int32_t c = 0; c < p.depth; c++) most = input[c] > most ? input[c] : most;

        int32_t sum = 0; /* Q12.19 */
        for (int32_t c = 0; c < p.depth; c++)
            if (most - input[c] < p.table_size) sum += rounding_shift_right(exponentials[most - input[c]], 12);

        const struct reciprocal scale = reciprocal(sum, 12);
        for (int32_t c = 0; c < p.depth; c++) {
            int32_t value = INT8_MIN;
            if (most - input[c] < p.table_size) {
                const int32_t product = multiply_high_signed(scale.mantissa, exponentials[most - input[c]]);
                value += rounding_shift_right(product, scale.bits_over_unit + 31 - 8);
            }
            output[c] = (int8_t)clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
