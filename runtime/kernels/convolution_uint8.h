/* The frame of convolutions whose weights have zero points of their own: the dot products are those of int8 weights, 128
 * lower, and what is left of the zero points goes with the sum of each field's inputs. */
#ifndef TINYML_CONVOLUTION_UINT8_H
#define TINYML_CONVOLUTION_UINT8_H

#include "convolution.h"

/* `channels` output channels of one field, from channel c on. */
__attribute__((always_inline)) static inline const int8_t *
convolution_uint8_tile(dot_function *dot, const struct field *field, int32_t length, int32_t total, int8_t *output,
                       const int8_t *weights, const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                       const int32_t *zero_points, int32_t c, int32_t channels,
                       const struct convolution_parameters *p) {
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++) sums[0][i] = bias[c + i] - zero_points[c + i] * total;
    weights = dot(field, 1, p->filter_height, length, weights, channels, sums);
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
        output[c + i] = (int8_t)clamp(requantize(sums[0][i], multiplier[c + i], shift[c + i]) + p->output_zero_point,
                                      p->output_min, p->output_max);
    return weights;
}

/* input [H, W, C] -> output [OH, OW, OC]. The input zero point is folded into bias. Weights: for each group of
 * tile_channels channels in the order of the dot product, then the channels left over one by one; zero_points: of the
 * weights as they are stored. shift: right shifts. patch: one receptive field. */
__attribute__((always_inline)) static inline void
convolution_uint8(dot_function *dot, const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                  const int32_t *multiplier, const int8_t *shift, const int32_t *zero_points, int8_t *patch,
                  struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width, length = p.filter_width * p.input_channels;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            int32_t total = 0;
            for (int32_t ky = 0; ky < p.filter_height; ky++)
#pragma GCC unroll unroll_4
                for (int32_t k = 0; k < length; k++) total += field.start[ky * field.stride + k];
            const int8_t *next = weights;
            int32_t c = 0;
            for (; c + p.tile_channels <= p.output_channels; c += p.tile_channels)
                next = convolution_uint8_tile(dot, &field, length, total, to, next, bias, multiplier, shift, zero_points, c,
                                              p.tile_channels, &p);
            for (; c < p.output_channels; c++)
                next = convolution_uint8_tile(dot, &field, length, total, to, next, bias, multiplier, shift, zero_points, c,
                                              1, &p);
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
