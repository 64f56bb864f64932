/* CONV_2D, int8, Armv7-M without the DSP extension: two pixels by four channels at a time. */
#ifndef TINYML_CONV_2D_V7M_H
#define TINYML_CONV_2D_V7M_H

#include "convolution.h"
#include "dot_int8_v7m.h"
#include "line_channels.h"

/* input [H, W, C] -> output [OH, OW, OC]. Weights: for each four channels [filter_height * filter_width * C][4], then the
 * channels left over one by one. channels: see line_channels.h. scratch: two receptive fields, but for
 * 1x1 with stride 1, where they lie one behind the other in the input. At least two pixels. */
__attribute__((always_inline)) static inline void conv_2d_v7m(const int8_t *input, int8_t *output,
                                                              const int8_t *weights, const int32_t *channels,
                                                              int8_t *scratch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t size = p.filter_height * p.filter_width * p.input_channels;
    const int32_t pointwise = convolution_is_pointwise(&p);
    /* Where sums are long, or their length is not known, a loop over the outputs costs little and saves much code. */
    const int32_t is_compact = !__builtin_constant_p(size) || size >= 24;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += 2) {
            /* An odd last pixel comes as the second of a pair whose first is computed and not stored. */
            const int32_t even = p.reverse ? (pixels - 1) / 2 * 2 - done : done;
            const int32_t is_pair = pixels % 2 == 0 || even + 1 < pixels;
            const int32_t pixel = is_pair ? even : even - 1;
            const int8_t *fields = scratch;
            if (pointwise) {
                fields = input + pixel * size;
            } else {
                for (int32_t i = is_pair ? 0 : 1; i < 2; i++) {
                    int8_t *to = scratch + (is_pair && p.reverse ? 1 - i : i) * size;
                    const struct field field = convolution_field(input, to, at.y, at.x, 1, &p);
                    if (field.start != to) copy_bytes(to, field.start, size);
                    advance(&at, &p);
                }
            }
            int8_t *to = output + pixel * p.output_channels;
            const int8_t *weight = weights;
            const int32_t *channel = channels;
            for (int32_t four = 0; four < p.output_channels / 4; four++, to += 4) {
                int32_t sums[2][4];
                for (int32_t i = 0; i < 4; i++) sums[0][i] = sums[1][i] = channel[i * line_words(&p)];
                weight = dot_2x4_v7m(fields, size, weight, sums);
                if (is_compact)
#pragma GCC unroll 1
                    for (int32_t i = 0; i < 4; i++, channel += line_words(&p)) {
                        if (is_pair) to[i] = line_output(sums[0][i], channel, &p);
                        to[p.output_channels + i] = line_output(sums[1][i], channel, &p);
                    }
                else
#pragma GCC unroll 4
                    for (int32_t i = 0; i < 4; i++, channel += line_words(&p)) {
                        if (is_pair) to[i] = line_output(sums[0][i], channel, &p);
                        to[p.output_channels + i] = line_output(sums[1][i], channel, &p);
                    }
            }
            for (int32_t left = 0; left < p.output_channels % 4; left++, to++, channel += line_words(&p)) {
                int32_t sum_0 = channel[0], sum_1 = sum_0;
                for (int32_t k = 0; k < size; k++) {
                    const int32_t value = *weight++;
                    sum_0 += fields[k] * value;
                    sum_1 += fields[size + k] * value;
                }
                if (is_pair) to[0] = line_output(sum_0, channel, &p);
                to[p.output_channels] = line_output(sum_1, channel, &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
