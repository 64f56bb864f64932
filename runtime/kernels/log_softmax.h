/* LOG_SOFTMAX, int8, over the last dimension; the output's scale is 1/16, its zero point 127. */
#ifndef TINYML_LOG_SOFTMAX_H
#define TINYML_LOG_SOFTMAX_H

#include "logarithm.h"

struct log_softmax_parameters {
    int32_t rows, depth;
    int32_t table_size;        /* differences from 0 to -(table_size - 1) count; a smaller one adds nothing */
    int32_t multiplier, shift; /* of differences to Q5.26; right shift */
    int32_t back_multiplier, back_shift;
};

/* exponentials[d] = exp(-d * scale), Q31. output may be input. */
__attribute__((always_inline)) static inline void
log_softmax(const int8_t *input, int8_t *output, const int32_t *exponentials, struct log_softmax_parameters p) {
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        int32_t most = INT8_MIN;
        for (int32_t c = 0; c < p.depth; c++) most = input[c] > most ? input[c] : most;

        int32_t sum = 0; /* Q12.19 */
        for (int32_t c = 0; c < p.depth; c++)
            if (most - input[c] < p.table_size) sum += rounding_shift_right(exponentials[most - input[c]], 12);

        /* Behind the limit the difference leaves Q5.26. */
        const int32_t log_of_sum = logarithm(sum);
        const int32_t representable = requantize(INT32_MIN + log_of_sum, p.back_multiplier, p.back_shift);
        const int32_t limit = representable > -p.table_size ? representable : -p.table_size;
        for (int32_t c = 0; c < p.depth; c++) {
            const int32_t difference = input[c] - most;
            int32_t value = INT8_MIN;
            if (difference > limit) {
                const uint32_t scaled = (uint32_t)requantize(difference, p.multiplier, p.shift);
                const int32_t exact = (int32_t)(scaled - (uint32_t)log_of_sum);
                value = rounding_shift_right(exact < -(1 << 30) ? -(1 << 30) : exact, 22) + INT8_MAX;
            }
            output[c] = (int8_t)clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
