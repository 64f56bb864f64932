/* DEPTHWISE_CONV_2D, int8, plain C. */
#ifndef TINYML_DEPTHWISE_CONV_2D_H
#define TINYML_DEPTHWISE_CONV_2D_H

#include "convolution.h"

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier]. Weights: [C * depth_multiplier][filter_height *
 * filter_width]; the input zero point is folded into bias. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                  const int32_t *multiplier, const int8_t *shift, int8_t *patch, struct convolution_parameters p) {
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.input_channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct field field = convolution_field(input, patch, y, x, &p);
            const int8_t *weight = weights;
            int32_t channel = 0;
            for (int32_t c = 0; c < p.input_channels; c++) {
                for (int32_t m = 0; m < p.depth_multiplier; m++, channel++) {
                    const int8_t *row = field.start + c;
                    int32_t sum = bias[channel];
#pragma GCC unroll 5
                    for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll 5
                        for (int32_t kx = 0; kx < p.filter_width; kx++)
                            sum += row[kx * p.input_channels] * *weight++;
                        row += field.stride;
                    }
                    const int32_t value =
                        p.wide ? requantize(sum, multiplier[channel], shift[channel]) + p.output_zero_point
                               : requantize_narrow(sum, multiplier[channel], shift[channel], p.output_zero_point);
                    *output++ = (int8_t)clamp(value, p.output_min, p.output_max);
                }
            }
        }
    }
}

#endif
