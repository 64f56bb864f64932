/* DEPTHWISE_CONV_2D, float32 activations. */
#ifndef TINYML_DEPTHWISE_CONV_2D_FLOAT32_H
#define TINYML_DEPTHWISE_CONV_2D_FLOAT32_H

#include "convolution_float32.h"

/* `channels` neighbouring output channels from `first` on of `pixels` neighbouring pixels, all of which see the same taps;
 * filter_channels is the depth multiplier, 1 where there are several channels. */
__attribute__((always_inline)) static inline void depthwise_conv_2d_float32_tile(
    const float *input, float *output, const struct filters *f, int32_t first, int32_t x, struct taps columns, int32_t y,
    struct taps rows, int32_t pixels, int32_t channels, const struct convolution_float32_parameters *p) {
    float sums[most_pixels][most_channels];
#pragma GCC unroll 4
    for (int32_t pixel = 0; pixel < pixels; pixel++)
#pragma GCC unroll 4
        for (int32_t c = 0; c < channels; c++) sums[pixel][c] = first_sum(f, first + c);
    const int32_t step = p->stride_width * p->input_channels;
    for (int32_t row = rows.from; row < rows.to; row++)
        for (int32_t column = columns.from; column < columns.to; column++) {
            const float *from = input + ((y + row * p->dilation_height) * p->input_width + x + column * p->dilation_width) *
                                            p->input_channels;
            const void *weights =
                weights_from(f, f->weights, (row * p->filter_width + column) * p->output_channels + first);
            float weight[most_channels];
#pragma GCC unroll 4
            for (int32_t c = 0; c < channels; c++) weight[c] = weight_of(f, weights, c);
#pragma GCC unroll 4
            for (int32_t pixel = 0; pixel < pixels; pixel++)
#pragma GCC unroll 4
                for (int32_t c = 0; c < channels; c++)
                    sums[pixel][c] = multiply_add(from[pixel * step + c], weight[c], sums[pixel][c]);
        }
#pragma GCC unroll 4
    for (int32_t pixel = 0; pixel < pixels; pixel++)
#pragma GCC unroll 4
        for (int32_t c = 0; c < channels; c++)
            output[pixel * p->output_channels + first + c] = last_sum(f, first + c, sums[pixel][c], p->activation);
}

/* All channels of `pixels` neighbouring pixels. */
__attribute__((always_inline)) static inline void depthwise_conv_2d_float32_pixels(
    const float *input, float *output, const struct filters *f, int32_t x, struct taps columns, int32_t y,
    struct taps rows, int32_t pixels, const struct convolution_float32_parameters *p) {
    const int32_t is_tiled = p->tile_channels == most_channels && p->filter_channels == 1;
    const int32_t tiled = is_tiled ? p->output_channels / most_channels * most_channels : 0;
    for (int32_t c = 0; c < tiled; c += most_channels)
        depthwise_conv_2d_float32_tile(input + c, output, f, c, x, columns, y, rows, pixels, most_channels, p);
    for (int32_t c = tiled; c < p->output_channels; c++)
        depthwise_conv_2d_float32_tile(input + c / p->filter_channels, output, f, c, x, columns, y, rows, pixels, 1, p);
}

/* input [N, H, W, C], weights [h, w, C * multiplier], output [N, H', W', C * multiplier] */
__attribute__((always_inline)) static inline void convolve_depthwise_float32(
    const void *input, void *output, const struct filters *f, const struct convolution_float32_parameters *p) {
    walk_float32(depthwise_conv_2d_float32_pixels, input, output, f, p);
}

__attribute__((always_inline)) static inline void depthwise_conv_2d_float32(const void *input, void *output,
                                                                            const float *weights, const float *bias,
                                                                            struct convolution_float32_parameters p) {
    const struct filters f = {weights, 0, bias};
    convolve_depthwise_float32(input, output, &f, &p);
}

#endif
