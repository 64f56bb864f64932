/* CONV_2D, int8, Armv6-M: two pixels by two channels at a time. */
#ifndef TINYML_CONV_2D_PAIR_V6M_H
#define TINYML_CONV_2D_PAIR_V6M_H

#include "convolution.h"
#include "dot_int8_pair_v6m.h"
#include "line_channels.h"

/* All channels of two pixels (or the first alone, where count is 1) whose widened fields lie in scratch; lower: what their
 * sums start lower by. */
__attribute__((always_inline)) static inline void pair_outputs_v6m(const int8_t *scratch, const int8_t *weight,
                                                                   const int32_t *channel, const int32_t *lower,
                                                                   int32_t count, int8_t *to,
                                                                   const struct convolution_parameters *p) {
    const int32_t size = p->filter_height * p->filter_width * p->input_channels;
#pragma GCC unroll 1
    for (int32_t pair = 0; pair < p->output_channels / 2; pair++) {
        struct pair_sums sums[2] = {{0, 0}, {0, 0}};
        weight = dot_pair_v6m(scratch, size, weight, sums);
#pragma GCC unroll 1
        for (int32_t c = 0; c < 2; c++, to++, channel += line_words(p)) {
            const int32_t upper = (int32_t)sums[c].upper;
            const int32_t total = (int32_t)(sums[c].total - (sums[c].upper << 16));
            to[0] = line_output(total + channel[0] - lower[0], channel, p);
            if (count == 2) to[p->output_channels] = line_output(upper + channel[0] - lower[1], channel, p);
        }
    }
    if (p->output_channels % 2 != 0) {
        int32_t sums[2] = {channel[0] - lower[0], channel[0] - lower[1]};
        for (int32_t k = 0; k < size; k++) {
            const uint32_t product = load_word(scratch + 4 * k) * (uint8_t)weight[k];
            sums[0] += (int32_t)(product & 0xffffu);
            sums[1] += (int32_t)(product >> 16);
        }
        to[0] = line_output(sums[0], channel, p);
        if (count == 2) to[p->output_channels] = line_output(sums[1], channel, p);
    }
}

/* input [H, W, C] -> output [OH, OW, OC]. Weights plus 128: for each two channels [filter_height * filter_width * C][2],
 * then an odd last channel alone. channels: see line_channels.h, the biases less 128 times the sum of weights. scratch: a
 * word for each input of a field, then one field's bytes where the input does not have them one behind the other. */
__attribute__((always_inline)) static inline void conv_2d_pair_v6m(const int8_t *input, int8_t *output,
                                                                   const int8_t *weights, const int32_t *channels,
                                                                   int8_t *scratch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t row = p.filter_width * p.input_channels, size = p.filter_height * row;
    const int32_t pointwise = convolution_is_pointwise(&p);
    int8_t *patch = scratch + 4 * size;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += 2) {
            const int32_t pixel = p.reverse ? (pixels - 1) / 2 * 2 - done : done;
            int32_t lower[2] = {0, 0};
#pragma GCC unroll 1
            for (int32_t i = 0; i < 2; i++) {
                const int32_t j = p.reverse ? 1 - i : i;
                if (pixel + j >= pixels) continue;
                struct field field = {input + (pixel + j) * size, 0};
                if (!pointwise) field = convolution_field(input, patch, at.y, at.x, 0, &p);
                int32_t sum = 0;
                int8_t *to = scratch + 2 * j;
#pragma GCC unroll 1
                for (int32_t ky = 0; ky < p.filter_height; ky++, field.start += field.stride, to += 4 * row)
                    sum += widen_v6m(to, field.start, row);
                lower[j] = 128 * sum;
                advance(&at, &p);
            }
            /* The second pixel of an odd last pair is computed from what was there before, and not stored. */
            const int32_t count = pixels % 2 == 0 || pixel + 1 < pixels ? 2 : 1;
            int8_t *to = output + pixel * p.output_channels;
            pair_outputs_v6m(scratch, weights, channels, lower, count, to, &p);
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
