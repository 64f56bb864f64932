/* SOFTMAX, int8 to int16, over the last dimension: as for int8, with 8 more bits of the result. */
#ifndef TINYML_SOFTMAX_INT8_INT16_H
#define TINYML_SOFTMAX_INT8_INT16_H

#include "requantize_int16x8.h"
#include "softmax.h"

/* exponentials[d] = exp(-d * beta * scale), Q31. */
__attribute__((always_inline)) static inline void softmax_int8_int16(const int8_t *input, void *output_halves,
                                                                     const int32_t *exponentials,
                                                                     struct softmax_parameters p) {
    int16_t *output = output_halves;
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        int32_t most = INT8_MIN;
        for (int32_t c = 0; c < p.depth; c++) most = input[c] > most ? input[c] : most;

        int32_t sum = 0; /* Q12.19 */
        for (int32_t c = 0; c < p.depth; c++)
            if (most - input[c] < p.table_size) sum += rounding_shift_right(exponentials[most - input[c]], 12);

        const struct reciprocal scale = reciprocal(sum, 12);
        for (int32_t c = 0; c < p.depth; c++) {
            int32_t value = INT16_MIN;
            if (most - input[c] < p.table_size) {
                const int32_t product = multiply_high_signed(scale.mantissa, exponentials[most - input[c]]);
                value += rounding_shift_right(product, scale.bits_over_unit + 31 - 16);
            }
            output[c] = (int16_t)clamp_int16(value, INT16_MIN, INT16_MAX);
        }
    }
}

#endif
