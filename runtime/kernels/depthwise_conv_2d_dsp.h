/* DEPTHWISE_CONV_2D with one output per input channel, int8, DSP extension: four channels at a time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_DSP_H
#define TINYML_DEPTHWISE_CONV_2D_DSP_H

#include "convolution.h"
#include "simd.h"

/* input [H, W, C] -> output [OH, OW, C]. Weights: for each four channels [filter_height * filter_width][4], then the
 * channels left over one by one. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                      const int32_t *multiplier, const int8_t *shift, int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights;
            int32_t c = 0;
            for (; c + 4 <= p.output_channels; c += 4) {
                int32_t sum_0 = bias[c], sum_1 = bias[c + 1], sum_2 = bias[c + 2], sum_3 = bias[c + 3];
                const int8_t *row = field.start + c;
#pragma GCC unroll 5
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll 5
                    for (int32_t kx = 0; kx < p.filter_width; kx++)
                        multiply_block_4(row + kx * p.input_channels, &weight, &sum_0, &sum_1, &sum_2, &sum_3);
                    row += field.stride;
                }
                to[c] = convolution_output(sum_0, multiplier[c], shift[c], &p);
                to[c + 1] = convolution_output(sum_1, multiplier[c + 1], shift[c + 1], &p);
                to[c + 2] = convolution_output(sum_2, multiplier[c + 2], shift[c + 2], &p);
                to[c + 3] = convolution_output(sum_3, multiplier[c + 3], shift[c + 3], &p);
            }
            for (; c < p.output_channels; c++) {
                int32_t sum = bias[c];
                const int8_t *row = field.start + c;
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
#pragma GCC unroll 5
                    for (int32_t kx = 0; kx < p.filter_width; kx++) sum += row[kx * p.input_channels] * *weight++;
                    row += field.stride;
                }
                to[c] = convolution_output(sum, multiplier[c], shift[c], &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
