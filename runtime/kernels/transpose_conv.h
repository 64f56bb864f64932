/* TRANSPOSE_CONV, int8: each output pixel gathers the inputs that a convolution would have spread over it. */
#ifndef TINYML_TRANSPOSE_CONV_H
#define TINYML_TRANSPOSE_CONV_H

#include "requantize.h"
#include "round_once.h"

struct transpose_conv_parameters {
    int32_t batches;
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t padding_top, padding_left;
    int32_t input_offset; /* minus the zero point */
    int32_t output_zero_point;
    int32_t output_min, output_max;
    int32_t once; /* as for convolutions */
};

/* The sum for one output value, y and x counted from the padding's edge. Input row y / stride meets filter row
 * y % stride, the one before it the filter row a stride further, and so on. */
__attribute__((always_inline)) static inline int32_t transpose_conv_sum(const int8_t *input, const int8_t *weights,
                                                                        int32_t y, int32_t x,
                                                                        const struct transpose_conv_parameters *p) {
    int32_t sum = 0;
    int32_t iy = y / p->stride_height;
    for (int32_t fy = y % p->stride_height; fy < p->filter_height && iy >= 0; fy += p->stride_height, iy--) {
        if (iy >= p->input_height) continue;
        int32_t ix = x / p->stride_width;
        for (int32_t fx = x % p->stride_width; fx < p->filter_width && ix >= 0; fx += p->stride_width, ix--) {
            if (ix >= p->input_width) continue;
            const int8_t *from = input + (iy * p->input_width + ix) * p->input_channels;
            const int8_t *with = weights + (fy * p->filter_width + fx) * p->input_channels;
#pragma GCC unroll 8
            for (int32_t c = 0; c < p->input_channels; c++) sum += (from[c] + p->input_offset) * with[c];
        }
    }
    return sum;
}

/* input [N, H, W, C], weights [O, h, w, C] -> output [N, OH, OW, O]; shift: right shifts. */
__attribute__((always_inline)) static inline void
transpose_conv(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
               const int32_t *multiplier, const int8_t *shift, struct transpose_conv_parameters p) {
    const int32_t filter_size = p.filter_height * p.filter_width * p.input_channels;
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.input_height * p.input_width * p.input_channels)
        for (int32_t y = p.padding_top; y < p.padding_top + p.output_height; y++)
            for (int32_t x = p.padding_left; x < p.padding_left + p.output_width; x++)
                for (int32_t o = 0; o < p.output_channels; o++) {
                    const int32_t sum = bias[o] + transpose_conv_sum(input, weights + o * filter_size, y, x, &p);
                    const int32_t value = (p.once ? requantize_once(sum, multiplier[o], 0, 0) : requantize(sum, multiplier[o], shift[o])) +
                                          p.output_zero_point;
                    *output++ = (int8_t)clamp(value, p.output_min, p.output_max);
                }
}

#endif
