/* DEPTHWISE_CONV_2D, int16 with int8 weights, plain C. */
#ifndef TINYML_DEPTHWISE_CONV_2D_INT16X8_H
#define TINYML_DEPTHWISE_CONV_2D_INT16X8_H

#include "convolution_int16x8.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier], int16. Weights: [C * depth_multiplier][filter_height *
 * filter_width]. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_int16x8(const void *input_halves, void *output_halves, const int8_t *weights, const int32_t *bias,
                          const int32_t *multiplier, int8_t *patch, struct convolution_parameters p) {
    const int8_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t pixels = p.output_height * p.output_width, channels = p.input_channels;
    p.input_channels *= 2; /* in bytes, as in convolution_int16x8.h */
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int16_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights;
            int32_t channel = 0;
            for (int32_t c = 0; c < channels; c++) {
                for (int32_t m = 0; m < p.depth_multiplier; m++, channel++) {
                    const int8_t *row = field.start + 2 * c;
                    int32_t value;
                    if (p.wide != rounding_high) {
                        int64_t sum = wide_bias(bias, channel);
                        for (int32_t ky = 0; ky < p.filter_height; ky++, row += field.stride)
                            for (int32_t kx = 0; kx < p.filter_width; kx++)
                                sum += ((const int16_t *)(const void *)row)[kx * channels] * *weight++;
                        value = requantize_wide(sum, multiplier, channel, p.wide);
                    } else {
                        int32_t sum = bias[channel];
#pragma GCC unroll unroll_5
                        for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll unroll_5
                            for (int32_t kx = 0; kx < p.filter_width; kx++)
                                sum += ((const int16_t *)(const void *)row)[kx * channels] * *weight++;
                            row += field.stride;
                        }
                        value = multiply_to_high_word(sum, multiplier[channel]);
                    }
                    *to++ = (int16_t)clamp_int16(value, p.output_min, p.output_max);
                }
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
