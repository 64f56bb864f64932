/* CONV_2D, int8, Helium: one pixel at a time meets the weights of all channels, four channels at a time. */
#ifndef TINYML_CONV_2D_MVE_H
#define TINYML_CONV_2D_MVE_H

#include "convolution.h"
#include "helium.h"

/* input [H, W, C] -> output [OH, OW, OC]. Weights: for each four channels the field in blocks of 16 by channel, filled up
 * with zeros; of one or two channels that are left those alone, of three as of four. channels: for each four channels four
 * biases, four multipliers, and the shifts in the bytes of a word. patch: one receptive field, unless all are in place as
 * one run of bytes. */
__attribute__((always_inline)) static inline void conv_2d_mve(const int8_t *input, int8_t *output,
                                                              const int8_t *weights, const int32_t *channels,
                                                              int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t size = p.filter_height * p.filter_width * p.input_channels;
    const int32_t is_held = __builtin_constant_p(size) && size <= 16 * held_blocks;
    const int32_t pointwise = convolution_is_pointwise(&p);
    const int32_t few = few_channels(p.output_channels), whole = p.output_channels - few;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const int32_t pixel = p.reverse ? pixels - 1 - done : done;
            const int8_t *from = pointwise ? input + pixel * p.input_channels
                                           : convolution_field(input, patch, at.y, at.x, 1, &p).start;
            int8_t *to = output + pixel * p.output_channels;
            const int8_t *weight = weights;
            const int32_t *channel = channels;
            const struct held held = hold(from, is_held ? size : 0);
            for (int32_t c = 0; c < whole; c += 4, to += 4, channel += 5) {
                words_4 sums = is_held ? dot_held_4(held, size, &weight, &channel) : dot_4(from, size, &weight, &channel);
                sums = p.once ? requantize_once_4(sums, load_words(channel))
                              : requantize_4(sums, load_words(channel), load_word_bytes(channel + 4), p.rectified, p.wide);
                store_4(to, sums, p.output_zero_point, p.output_min, p.output_max, whole % 4 == 0 ? 4 : whole - c);
            }
            if (few > 0) {
                words_4 sums = few == 1 ? dot_few(from, size, 1, &weight, &channel) : dot_few(from, size, 2, &weight, &channel);
                sums = p.once ? requantize_once_4(sums, load_words(channel))
                              : requantize_4(sums, load_words(channel), load_word_bytes(channel + 4), p.rectified, p.wide);
                store_4(to, sums, p.output_zero_point, p.output_min, p.output_max, few);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
