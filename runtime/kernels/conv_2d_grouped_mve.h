/* CONV_2D in groups, int8, Helium: each group of each pixel is a convolution of one pixel whose field is one run of bytes. */
#ifndef TINYML_CONV_2D_GROUPED_MVE_H
#define TINYML_CONV_2D_GROUPED_MVE_H

#include "conv_2d_mve.h"
#include "convolution_grouped.h"

/* input [H, W, groups * group_inputs] -> output [OH, OW, groups * group_outputs]. Weights and channels: for each group as
 * conv_2d_mve takes them. patch: the field of one group. */
__attribute__((always_inline)) static inline void
conv_2d_grouped_mve(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *channels, int8_t *patch,
                    struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t size = p.filter_height * p.filter_width * p.group_inputs;
    const int32_t stored = (p.group_outputs - few_channels(p.group_outputs) + 3) / 4 * 4 + few_channels(p.group_outputs);
    const int32_t group_weights = (size + 15) / 16 * 16 * stored, group_words = (p.group_outputs + 3) / 4 * 9;
    struct convolution_parameters one = p;
    one.batches = one.input_height = one.input_width = one.output_height = one.output_width = 1;
    one.filter_height = one.filter_width = one.stride_height = one.stride_width = 1;
    one.dilation_height = one.dilation_width = 1;
    one.padding_top = one.padding_left = one.reverse = 0;
    one.input_channels = size;
    one.output_channels = p.group_outputs;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *from = input, *weight = weights;
            const int32_t *channel = channels;
            for (int32_t first = 0; first < p.output_channels; first += p.group_outputs) {
                const struct grouped_field field =
                    grouped_field(from, patch, at, p.input_channels, p.group_inputs, 1, &p);
                conv_2d_mve(field.start, to + first, weight, channel, NULL, one);
                from += p.group_inputs;
                weight += group_weights;
                channel += group_words;
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
