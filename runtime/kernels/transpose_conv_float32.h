/* TRANSPOSE_CONV, float32: each output pixel gathers the input pixels whose filters reach it. */
#ifndef TINYML_TRANSPOSE_CONV_FLOAT32_H
#define TINYML_TRANSPOSE_CONV_FLOAT32_H

#include "convolution_float32.h"

/* input [N, H, W, C], weights [O, h, w, C], output [N, H', W', O] */
__attribute__((always_inline)) static inline void transpose_conv_float32(const void *input, void *output,
                                                                         const float *weights, const float *bias,
                                                                         struct convolution_float32_parameters p) {
    const struct filters f = {weights, 0, bias};
    const float *image = (const float *)input;
    float *to = (float *)output;
    const int32_t filter = p.filter_height * p.filter_width * p.input_channels;
    for (int32_t batch = 0; batch < p.batches; batch++, image += p.input_height * p.input_width * p.input_channels)
        for (int32_t oy = 0; oy < p.output_height; oy++)
            for (int32_t ox = 0; ox < p.output_width; ox++)
                for (int32_t c = 0; c < p.output_channels; c++) {
                    float sums[most_pixels][most_channels];
                    sums[0][0] = first_sum(&f, c);
                    for (int32_t row = 0; row < p.filter_height; row++) {
                        const int32_t above = oy + p.padding_top - row;
                        const int32_t y = above / p.stride_height;
                        if (above < 0 || above != y * p.stride_height || y >= p.input_height) continue;
                        for (int32_t column = 0; column < p.filter_width; column++) {
                            const int32_t before = ox + p.padding_left - column;
                            const int32_t x = before / p.stride_width;
                            if (before < 0 || before != x * p.stride_width || x >= p.input_width) continue;
                            add_float_products(image + (y * p.input_width + x) * p.input_channels, 0, &f,
                                         c * filter + (row * p.filter_width + column) * p.input_channels,
                                         p.input_channels, sums, 1, 1);
                        }
                    }
                    *to++ = last_sum(&f, c, sums[0][0], p.activation);
                }
}

#endif
