/* TRANSPOSE_CONV, int16 with int8 weights: each output pixel gathers the inputs that a convolution would have spread over
 * it. */
#ifndef TINYML_TRANSPOSE_CONV_INT16X8_H
#define TINYML_TRANSPOSE_CONV_INT16X8_H

#include "requantize_int16x8.h"
#include "transpose_conv.h"

/* The products of one output value, as transpose_conv_sum, added to sum. */
__attribute__((always_inline)) static inline int64_t
transpose_conv_wide_sum(int64_t sum, const int16_t *input, const int8_t *weights, int32_t y, int32_t x,
                        const struct transpose_conv_parameters *p) {
    int32_t iy = y / p->stride_height;
    for (int32_t fy = y % p->stride_height; fy < p->filter_height && iy >= 0; fy += p->stride_height, iy--) {
        if (iy >= p->input_height) continue;
        int32_t ix = x / p->stride_width;
        for (int32_t fx = x % p->stride_width; fx < p->filter_width && ix >= 0; fx += p->stride_width, ix--) {
            if (ix >= p->input_width) continue;
            const int16_t *from = input + (iy * p->input_width + ix) * p->input_channels;
            const int8_t *with = weights + (fy * p->filter_width + fx) * p->input_channels;
#pragma GCC unroll 4
            for (int32_t c = 0; c < p->input_channels; c++) sum += from[c] * with[c];
        }
    }
    return sum;
}

/* input [N, H, W, C], weights [O, h, w, C] -> output [N, OH, OW, O]. bias and multiplier: two words for each channel, as
 * in requantize_int16x8.h. */
__attribute__((always_inline)) static inline void
transpose_conv_int16x8(const void *input_halves, void *output_halves, const int8_t *weights, const int32_t *bias,
                       const int32_t *multiplier, struct transpose_conv_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t filter_size = p.filter_height * p.filter_width * p.input_channels;
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.input_height * p.input_width * p.input_channels)
        for (int32_t y = p.padding_top; y < p.padding_top + p.output_height; y++)
            for (int32_t x = p.padding_left; x < p.padding_left + p.output_width; x++)
                for (int32_t o = 0; o < p.output_channels; o++) {
                    const int64_t sum =
                        transpose_conv_wide_sum(wide_bias(bias, o), input, weights + o * filter_size, y, x, &p);
                    *output++ = (int16_t)clamp_int16(requantize_wide(sum, multiplier, o, rounding_wide), p.output_min,
                                                     p.output_max);
                }
}

#endif
