/* DEPTHWISE_CONV_2D with one output per input channel, or two, int8, DSP extension: four channels of the
 * output at a time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_DSP_H
#define TINYML_DEPTHWISE_CONV_2D_DSP_H

#include "convolution.h"
#include "simd.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier]. Weights: for each four channels [filter_height * filter_width][4], then the
 * channels left over one by one. channels: for each four channels four biases, four multipliers, and the shifts in the
 * bytes of a word; then bias, multiplier, shift of each one left over. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *channels,
                      int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights, *from = field.start;
            const int32_t *channel = channels;
            for (int32_t four = 0; four < p.output_channels / 4; four++, to += 4, from += 4 / p.depth_multiplier, channel += 9) {
                int32_t sum_0 = channel[0], sum_1 = channel[1], sum_2 = channel[2], sum_3 = channel[3];
                const int8_t *row = from;
#pragma GCC unroll unroll_5
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll unroll_5
                    for (int32_t kx = 0; kx < p.filter_width; kx++)
                        if (p.depth_multiplier == 2)
                            multiply_block_2_by_2(row + kx * p.input_channels, &weight, &sum_0, &sum_1, &sum_2, &sum_3);
                        else
                            multiply_block_4(row + kx * p.input_channels, &weight, &sum_0, &sum_1, &sum_2, &sum_3);
                    row += field.stride;
                }
                const int32_t shifts = channel[8];
                to[0] = convolution_output(sum_0, channel[4], (int8_t)shifts, &p);
                to[1] = convolution_output(sum_1, channel[5], (int8_t)(shifts >> 8), &p);
                to[2] = convolution_output(sum_2, channel[6], (int8_t)(shifts >> 16), &p);
                to[3] = convolution_output(sum_3, channel[7], shifts >> 24, &p);
            }
            for (int32_t left = 0; left < p.output_channels % 4; left++, channel += 3) {
                int32_t sum = channel[0];
                const int8_t *row = from + left / p.depth_multiplier;
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
                    for (int32_t kx = 0; kx < p.filter_width; kx++) sum += row[kx * p.input_channels] * *weight++;
                    row += field.stride;
                }
                to[left] = convolution_output(sum, channel[1], channel[2], &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
