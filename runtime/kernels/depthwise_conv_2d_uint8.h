/* DEPTHWISE_CONV_2D, int8 with uint8 weights around zero points of their own, plain C. */
#ifndef TINYML_DEPTHWISE_CONV_2D_UINT8_H
#define TINYML_DEPTHWISE_CONV_2D_UINT8_H

#include "convolution.h"
#include "unroll.h"

/* As depthwise_conv_2d; shift: right shifts. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_uint8(const int8_t *input, int8_t *output, const uint8_t *weights, const int32_t *bias,
                        const int32_t *multiplier, const int8_t *shift, const int32_t *zero_points, int8_t *patch,
                        struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const uint8_t *weight = weights;
            int32_t channel = 0;
            for (int32_t c = 0; c < p.input_channels; c++) {
                for (int32_t m = 0; m < p.depth_multiplier; m++, channel++) {
                    const int8_t *row = field.start + c;
                    const int32_t zero_point = zero_points[channel];
                    int32_t sum = bias[channel];
#pragma GCC unroll unroll_5
                    for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll unroll_5
                        for (int32_t kx = 0; kx < p.filter_width; kx++)
                            sum += row[kx * p.input_channels] * (*weight++ - zero_point);
                        row += field.stride;
                    }
                    *to++ = (int8_t)clamp(requantize(sum, multiplier[channel], shift[channel]) + p.output_zero_point,
                                          p.output_min, p.output_max);
                }
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
