/* CONV_2D, int8, DSP extension: two pixels at a time. Each receptive field is widened to half-words once, then meets
 * the weights of all channels, two channels at a time. */
#ifndef TINYML_CONV_2D_DSP_H
#define TINYML_CONV_2D_DSP_H

#include "widen_dsp.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, OC]. Weights: for each pair of channels the field in blocks of four by channel,
 * filled up with zeros; an odd last channel alone. channels: for each pair two biases, two multipliers, and the shifts in
 * the lower two bytes of a word; for an odd last one bias, multiplier, shift. scratch: the widened fields of two pixels,
 * then one field's bytes. */
__attribute__((always_inline)) static inline void conv_2d_dsp(const int8_t *input, int8_t *output,
                                                              const int8_t *weights, const int32_t *channels,
                                                              int8_t *scratch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t row = p.filter_width * p.input_channels, size = p.filter_height * row, blocks = (size + 3) / 4;
    const int32_t pointwise = convolution_is_pointwise(&p);
    int8_t *patch = scratch + blocks * widened_block;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += 2) {
            const int32_t pixel = p.reverse ? (pixels - 1) / 2 * 2 - done : done;
            for (int32_t i = 0; i < 2; i++) {
                const int32_t j = p.reverse ? 1 - i : i;
                if (pixel + j >= pixels) continue;
                int8_t *to = scratch + 8 * j;
                if (pointwise) {
                    widen(to, input + (pixel + j) * p.input_channels, size);
                    continue;
                }
                const struct field field = convolution_field(input, patch, at.y, at.x, row % 4 != 0, &p);
                if (row % 4 != 0)
                    widen(to, field.start, size);
                else
                    for (int32_t ky = 0; ky < p.filter_height; ky++)
                        to = widen(to, field.start + ky * field.stride, row);
                advance(&at, &p);
            }
            /* The second pixel of an odd last pair is computed from what was there before, and not stored. */
            const int32_t is_pair = pixels % 2 == 0 || pixel + 1 < pixels;
            int8_t *to = output + pixel * p.output_channels;
            const int8_t *weight = weights;
            const int32_t *channel = channels;
            for (int32_t pair = 0; pair < p.output_channels / 2; pair++, to += 2, channel += 5) {
                int32_t sum_00 = channel[0], sum_01 = channel[1], sum_10 = sum_00, sum_11 = sum_01;
                const int8_t *widened = scratch;
#pragma GCC unroll unroll_4
                for (int32_t block = 0; block < blocks; block++)
                    dot_block_2x2(&widened, &weight, &sum_00, &sum_01, &sum_10, &sum_11);
                const int32_t multiplier_0 = channel[2], multiplier_1 = channel[3];
                const int32_t shift_0 = (int8_t)channel[4], shift_1 = (int8_t)(channel[4] >> 8);
                to[0] = convolution_output(sum_00, multiplier_0, shift_0, &p);
                to[1] = convolution_output(sum_01, multiplier_1, shift_1, &p);
                if (is_pair) {
                    to[p.output_channels] = convolution_output(sum_10, multiplier_0, shift_0, &p);
                    to[p.output_channels + 1] = convolution_output(sum_11, multiplier_1, shift_1, &p);
                }
            }
            if (p.output_channels % 2 != 0) {
                int32_t sum_0 = channel[0], sum_1 = sum_0;
                const int8_t *widened = scratch;
#pragma GCC unroll unroll_2
                for (int32_t block = 0; block < blocks; block++) dot_block_2x1(&widened, &weight, &sum_0, &sum_1);
                to[0] = convolution_output(sum_0, channel[1], channel[2], &p);
                if (is_pair) to[p.output_channels] = convolution_output(sum_1, channel[1], channel[2], &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
