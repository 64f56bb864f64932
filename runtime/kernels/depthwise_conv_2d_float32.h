/* DEPTHWISE_CONV_2D, float32 activations. */
#ifndef TINYML_DEPTHWISE_CONV_2D_FLOAT32_H
#define TINYML_DEPTHWISE_CONV_2D_FLOAT32_H

#include "convolution_float32.h"

/* `channels` neighbouring output channels of a pixel from `first` on; filter_channels is the depth multiplier, 1 where there are several. */
__attribute__((always_inline)) static inline void depthwise_conv_2d_float32_tile(
    const float *input, float *output, const struct filters *f, int32_t first, int32_t x, struct taps columns, int32_t y,
    struct taps rows, int32_t channels, const struct convolution_float32_parameters *p) {
    float sums[most_channels];
#pragma GCC unroll 4
    for (int32_t c = 0; c < channels; c++) sums[c] = first_sum(f, first + c);
    for (int32_t row = rows.from; row < rows.to; row++)
        for (int32_t column = columns.from; column < columns.to; column++) {
            const float *from = input + ((y + row * p->dilation_height) * p->input_width + x + column * p->dilation_width) *
                                            p->input_channels;
            const void *weights =
                weights_from(f, f->weights, (row * p->filter_width + column) * p->output_channels + first);
#pragma GCC unroll 4
            for (int32_t c = 0; c < channels; c++) sums[c] = multiply_add(from[c], weight_of(f, weights, c), sums[c]);
        }
#pragma GCC unroll 4
    for (int32_t c = 0; c < channels; c++) output[first + c] = last_sum(f, first + c, sums[c], p->activation);
}

/* input [N, H, W, C], weights [h, w, C * multiplier], output [N, H', W', C * multiplier] */
__attribute__((always_inline)) static inline void convolve_depthwise_float32(
    const void *input, void *output, const struct filters *f, const struct convolution_float32_parameters *p) {
    const float *image = (const float *)input;
    float *to = (float *)output;
    const int32_t is_tiled = p->tile_channels == most_channels && p->filter_channels == 1;
    const int32_t tiled = is_tiled ? p->output_channels / most_channels * most_channels : 0;
    for (int32_t batch = 0; batch < p->batches; batch++, image += p->input_height * p->input_width * p->input_channels)
        for (int32_t down = 0; down < p->output_height; down++) {
            const int32_t oy = p->reverse ? p->output_height - 1 - down : down;
            const int32_t y = oy * p->stride_height - p->padding_top;
            const struct taps rows = taps_inside(y, p->dilation_height, p->filter_height, p->input_height);
            for (int32_t right = 0; right < p->output_width; right++) {
                const int32_t ox = p->reverse ? p->output_width - 1 - right : right;
                const int32_t x = ox * p->stride_width - p->padding_left;
                const struct taps columns = taps_inside(x, p->dilation_width, p->filter_width, p->input_width);
                float *pixel = to + ((batch * p->output_height + oy) * p->output_width + ox) * p->output_channels;
                for (int32_t c = 0; c < tiled; c += most_channels)
                    depthwise_conv_2d_float32_tile(image + c, pixel, f, c, x, columns, y, rows, most_channels, p);
                for (int32_t c = tiled; c < p->output_channels; c++)
                    depthwise_conv_2d_float32_tile(image + c / p->filter_channels, pixel, f, c, x, columns, y, rows, 1, p);
            }
        }
}

__attribute__((always_inline)) static inline void depthwise_conv_2d_float32(const void *input, void *output,
                                                                            const float *weights, const float *bias,
                                                                            struct convolution_float32_parameters p) {
    const struct filters f = {weights, 0, bias};
    convolve_depthwise_float32(input, output, &f, &p);
}

#endif
