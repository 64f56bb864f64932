/* SOFTMAX, int16, over the last dimension: exponentials and the reciprocal between the points of two tables. */
#ifndef TINYML_SOFTMAX_INT16_H
#define TINYML_SOFTMAX_INT16_H

#include "reciprocal.h"
#include "requantize_int16x8.h"

struct softmax_int16_parameters {
    int32_t rows, depth;
    int32_t multiplier, shift; /* right shift: of a difference, so that -65535 is -10 */
};

/* Between the 513 points of a table. */
static inline int32_t look_up_between(int32_t value, const int16_t *table) {
    const int16_t *at = table + 256 + (value >> 7);
    return at[0] + (((at[1] - at[0]) * (value & 0x7f) + 64) >> 7);
}

/* exponentials: e^x over [-10, 0]; reciprocals: 1/(1 + x) over [0, 1]; Q15. output may be input. */
__attribute__((always_inline)) static inline void softmax_int16(const void *input_halves, void *output_halves,
                                                                const int16_t *exponentials, const int16_t *reciprocals,
                                                                struct softmax_int16_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        int32_t most = INT16_MIN;
        for (int32_t c = 0; c < p.depth; c++) most = input[c] > most ? input[c] : most;

        int32_t sum = 0; /* Q16.15 */
        for (int32_t c = 0; c < p.depth; c++) {
            const int32_t difference = requantize(input[c] - most, p.multiplier, p.shift) + 32767;
            output[c] = (int16_t)look_up_between(clamp_int16(difference, INT16_MIN, INT16_MAX), exponentials);
            sum += output[c];
        }

        /* 1 <= x < 2 in Q16, less 1, as the table's index from -32768 on */
        const int32_t headroom = leading_zeros((uint32_t)sum);
        const int32_t mantissa = (int32_t)((((int64_t)sum << (headroom - 1)) + (1 << 13)) >> 14) - (1 << 15) - (1 << 16);
        const int32_t scale = look_up_between(clamp_int16(mantissa, INT16_MIN, INT16_MAX), reciprocals);
        const int32_t shift = 31 - headroom;
        for (int32_t c = 0; c < p.depth; c++) {
            const int32_t value = (int32_t)(((int64_t)output[c] * scale + ((int64_t)1 << (shift - 1))) >> shift);
            output[c] = (int16_t)clamp_int16(value, 0, INT16_MAX);
        }
    }
}

#endif
