/* CONV_2D and FULLY_CONNECTED, int16 with int8 weights, Helium: one pixel at a time meets the weights of all channels, four
 * channels at a time. */
#ifndef TINYML_CONV_2D_INT16X8_MVE_H
#define TINYML_CONV_2D_INT16X8_MVE_H

#include "convolution.h"
#include "helium_int16.h"

/* input [H, W, C] -> output [OH, OW, OC], int16. Weights: for each four channels the field in blocks of 8 by channel,
 * filled up with zeros; bias and multiplier filled up to whole fours. patch: one receptive field. */
__attribute__((always_inline)) static inline void
conv_2d_int16x8_mve(const void *input_halves, void *output_halves, const int8_t *weights, const int32_t *bias,
                    const int32_t *multiplier, int8_t *patch, struct convolution_parameters p) {
    const int8_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t size = p.filter_height * p.filter_width * p.input_channels;
    p.input_channels *= 2; /* in bytes, as in convolution_int16x8.h */
    const int32_t pointwise = convolution_is_pointwise(&p);
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const int32_t pixel = p.reverse ? pixels - 1 - done : done;
            const int8_t *from = pointwise ? input + pixel * p.input_channels
                                           : convolution_field(input, patch, at.y, at.x, 1, &p).start;
            int16_t *to = output + pixel * p.output_channels;
            const int8_t *weight = weights;
            const int32_t *next = bias;
            for (int32_t c = 0; c < p.output_channels; c += 4) {
                const words_4 sums = dot_4_int16x8(from, size, &weight, &next);
                store_4_int16(to + c, sums, load_words(multiplier + c), p.output_min, p.output_max,
                              p.output_channels % 4 == 0 ? 4 : p.output_channels - c);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
