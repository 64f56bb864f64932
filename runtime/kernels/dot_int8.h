/* Register-blocked dot products, plain C: `pixels` x `channels` accumulators at once. */
#ifndef TINYML_DOT_INT8_H
#define TINYML_DOT_INT8_H

#include <stdint.h>

#include "unroll.h"

/* One receptive field: `rows` runs of `length` contiguous inputs, `stride` apart. */
struct field {
    const int8_t *start;
    int32_t stride;
};

enum { max_pixels = 2, max_channels = 8 };

/* sums[p][c] += dot(fields[p], weights of channel c). Weights: [rows][length][channels]. pixels and channels are
 * compile-time constants, so the sums stay in registers. Returns the weights behind the ones used. */
__attribute__((always_inline)) static inline const int8_t *
dot_int8(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
         int32_t channels, int32_t sums[max_pixels][max_channels]) {
    const int8_t *input[max_pixels];
    for (int32_t p = 0; p < pixels; p++) input[p] = fields[p].start;
    for (int32_t row = 0; row < rows; row++) {
#pragma GCC unroll unroll_4
        for (int32_t k = 0; k < length; k++) {
            int32_t value[max_pixels];
#pragma GCC unroll 2
            for (int32_t p = 0; p < pixels; p++) value[p] = input[p][k];
#pragma GCC unroll 8
            for (int32_t c = 0; c < channels; c++) {
                const int32_t weight = weights[k * channels + c];
#pragma GCC unroll 2
                for (int32_t p = 0; p < pixels; p++) sums[p][c] += value[p] * weight;
            }
        }
        weights += length * channels;
        for (int32_t p = 0; p < pixels; p++) input[p] += fields[p].stride;
    }
    return weights;
}

#endif
