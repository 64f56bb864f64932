/* DEPTHWISE_CONV_2D, int16 with int8 weights, one output channel for each input channel, Helium: four channels at a time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_INT16X8_MVE_H
#define TINYML_DEPTHWISE_CONV_2D_INT16X8_MVE_H

#include "convolution.h"
#include "helium_int16.h"

/* input [H, W, C] -> output [OH, OW, C], int16. Weights: [filter_height * filter_width][C]; bias and multiplier filled up
 * to whole fours. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_int16x8_mve(const void *input_halves, void *output_halves, const int8_t *weights,
                              const int32_t *bias, const int32_t *multiplier, int8_t *patch,
                              struct convolution_parameters p) {
    const int8_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t pixels = p.output_height * p.output_width, channels = p.input_channels;
    p.input_channels *= 2; /* in bytes, as in convolution_int16x8.h */
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int16_t *to = output + (p.reverse ? pixels - 1 - done : done) * channels;
            for (int32_t c = 0; c < channels; c += 4) {
                const int32_t count = channels % 4 == 0 ? 4 : channels - c;
                words_4 sums = load_words(bias + c);
                const int8_t *weight = weights + c;
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
                    const int16_t *row = (const int16_t *)(const void *)(field.start + ky * field.stride) + c;
#pragma GCC unroll 5
                    for (int32_t kx = 0; kx < p.filter_width; kx++, row += channels, weight += channels)
                        sums = multiply_add_4_int16x8(sums, row, weight, count);
                }
                store_4_int16(to + c, sums, load_words(multiplier + c), p.output_min, p.output_max, count);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * channels;
    }
}

#endif
