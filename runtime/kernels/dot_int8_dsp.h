/* Dot products of one input vector with four channels, DSP extension. */
#ifndef TINYML_DOT_INT8_DSP_H
#define TINYML_DOT_INT8_DSP_H

#include "dot_int8.h"
#include "simd.h"
#include "unroll.h"

/* As dot_int8, for one pixel. Weights: for each row [length / 4][channels][4], then [length % 4][channels]. */
__attribute__((always_inline)) static inline const int8_t *
dot_int8_dsp(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
             int32_t channels, int32_t sums[max_pixels][max_channels]) {
    (void)pixels;
    const int8_t *start = fields[0].start;
    int32_t *const sum = sums[0];
    for (int32_t row = 0; row < rows; row++, start += fields[0].stride) {
        const int8_t *at = start;
        if (channels == 4) {
#pragma GCC unroll unroll_4
            for (int32_t block = 0; block < length / 4; block++)
                dot_block_1x4(&at, &weights, &sum[0], &sum[1], &sum[2], &sum[3]);
        } else {
            for (int32_t block = 0; block < length / 4; block++, at += 4)
#pragma GCC unroll 8
                for (int32_t c = 0; c < channels; c++, weights += 4)
#pragma GCC unroll 4
                    for (int32_t i = 0; i < 4; i++) sum[c] += at[i] * weights[i];
        }
        for (int32_t k = 0; k < length % 4; k++)
#pragma GCC unroll 8
            for (int32_t c = 0; c < channels; c++) sum[c] += at[k] * *weights++;
    }
    return weights;
}

#endif
