/* CONV_2D and FULLY_CONNECTED, float32 activations. */
#ifndef TINYML_CONV_2D_FLOAT32_H
#define TINYML_CONV_2D_FLOAT32_H

#include "convolution_float32.h"

/* `channels` neighbouring channels from `first` on, whose weights are at `at`, of `pixels` neighbouring pixels, all of which
 * see the same taps. */
__attribute__((always_inline)) static inline void conv_2d_float32_tile(
    const float *input, float *output, const struct filters *f, int32_t first, int32_t at, int32_t x, struct taps columns, int32_t y,
    struct taps rows, int32_t pixels, int32_t channels, const struct convolution_float32_parameters *p) {
    float sums[most_pixels][most_channels];
#pragma GCC unroll 4
    for (int32_t pixel = 0; pixel < pixels; pixel++)
#pragma GCC unroll 4
        for (int32_t c = 0; c < channels; c++) sums[pixel][c] = first_sum(f, first + c);
    const int32_t step = p->stride_width * p->input_channels;
    const int32_t tap = p->filter_channels * channels;
    const int32_t is_run = p->filter_channels == p->input_channels && (p->dilation_width == 1 || p->filter_width == 1);
    for (int32_t row = rows.from; row < rows.to; row++) {
        const float *line = input + (y + row * p->dilation_height) * p->input_width * p->input_channels;
        const int32_t filter = at + row * p->filter_width * tap;
        if (is_run) {
            add_float_products(line + (x + columns.from) * p->input_channels, step, f, filter + columns.from * tap,
                         (columns.to - columns.from) * p->filter_channels, sums, pixels, channels);
        } else {
            for (int32_t column = columns.from; column < columns.to; column++)
                add_float_products(line + (x + column * p->dilation_width) * p->input_channels, step, f, filter + column * tap,
                             p->filter_channels, sums, pixels, channels);
        }
    }
#pragma GCC unroll 4
    for (int32_t pixel = 0; pixel < pixels; pixel++)
#pragma GCC unroll 4
        for (int32_t c = 0; c < channels; c++)
            output[pixel * p->output_channels + first + c] = last_sum(f, first + c, sums[pixel][c], p->activation);
}

/* All channels of `pixels` neighbouring pixels. */
__attribute__((always_inline)) static inline void conv_2d_float32_pixels(
    const float *input, float *output, const struct filters *f, int32_t x, struct taps columns, int32_t y,
    struct taps rows, int32_t pixels, const struct convolution_float32_parameters *p) {
    const int32_t groups = p->input_channels / p->filter_channels;
    const int32_t channels = p->output_channels / groups;
    const int32_t taps = p->filter_height * p->filter_width * p->filter_channels;
    const int32_t tiled = p->tile_channels == most_channels ? channels / most_channels * most_channels : 0;
    for (int32_t first = 0; first < groups * channels; first += channels, input += p->filter_channels) {
        for (int32_t c = first; c < first + tiled; c += most_channels)
            conv_2d_float32_tile(input, output, f, c, c * taps, x, columns, y, rows, pixels, most_channels, p);
        for (int32_t c = first + tiled; c < first + channels; c++)
            conv_2d_float32_tile(input, output, f, c, c * taps, x, columns, y, rows, pixels, 1, p);
    }
}

/* input [N, H, W, C], weights by group of channels [tile][h][w][C / groups][channel of the tile], then the channels that are
 * left one by one; output [N, H', W', O]. */
__attribute__((always_inline)) static inline void convolve_float32(const void *input, void *output,
                                                                   const struct filters *f,
                                                                   const struct convolution_float32_parameters *p) {
    walk_float32(conv_2d_float32_pixels, input, output, f, p);
}

__attribute__((always_inline)) static inline void conv_2d_float32(const void *input, void *output, const float *weights,
                                                                  const float *bias,
                                                                  struct convolution_float32_parameters p) {
    const struct filters f = {weights, 0, bias};
    convolve_float32(input, output, &f, &p);
}

#endif
