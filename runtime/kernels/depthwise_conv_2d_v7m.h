/* DEPTHWISE_CONV_2D, int8, for cores that multiply one number at a time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_V7M_H
#define TINYML_DEPTHWISE_CONV_2D_V7M_H

#include "convolution.h"
#include "line_channels.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier]. Weights: [C * depth_multiplier][filter_height *
 * filter_width]; channels: see line_channels.h. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_v7m(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *channels,
                      int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights, *from = field.start;
            const int32_t *channel = channels;
            for (int32_t c = 0; c < p.input_channels; c++, from++) {
                for (int32_t m = 0; m < p.depth_multiplier; m++, channel += line_words(&p)) {
                    const int8_t *row = from;
                    int32_t sum = channel[0];
#pragma GCC unroll unroll_5
                    for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll unroll_5
                        for (int32_t kx = 0; kx < p.filter_width; kx++)
                            sum += row[kx * p.input_channels] * *weight++;
                        row += field.stride;
                    }
                    *to++ = line_output(sum, channel, &p);
                }
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
