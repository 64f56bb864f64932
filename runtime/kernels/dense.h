/* The frame of fully connected layers: rows of input against all weights, requantized by one multiplier. */
#ifndef TINYML_DENSE_H
#define TINYML_DENSE_H

#include "convolution.h"

struct dense_parameters {
    int32_t batches, inputs, outputs;
    int32_t multiplier, shift; /* shift as for convolutions */
    int32_t output_zero_point;
    int32_t output_min, output_max;
    int32_t rectified; /* as for convolutions */
    int32_t tile_channels;
    int32_t wide, once, once_exponent, once_shift; /* as for convolutions */
    int32_t widened; /* 1: inputs are widened once, to scratch */
    int32_t line; /* requantized by a line (line.h) with this multiplier and offset: 1 long, 2 by halves */
    int32_t line_split, line_shift, line_high, line_tie, line_from, line_to;
    int32_t line_offset, line_tie_offset;
};

/* One requantized output. */
__attribute__((always_inline)) static inline int8_t dense_output(int32_t sum, const struct dense_parameters *p) {
    if (p->line) {
        const struct line line = {p->line == 1, p->line_split, p->line_shift, p->line_high, p->line_tie, p->line_from, p->line_to};
        return line_clamp(line_value(sum, p->multiplier, p->line_offset, p->line_tie_offset, &line), p->output_min,
                          p->output_max);
    }
    const int32_t value =
        p->once ? requantize_once(sum, p->multiplier, p->once_exponent, p->once_shift) + p->output_zero_point
        : p->wide ? requantize(sum, p->multiplier, p->shift) + p->output_zero_point
                  : requantize_narrow(sum, p->multiplier, p->shift, p->output_zero_point, p->rectified);
    return (int8_t)clamp(value, p->output_min, p->output_max);
}

__attribute__((always_inline)) static inline const int8_t *
dense_tile(dot_function *dot, const struct field *field, int32_t weight_bias, int8_t *output, const int8_t *weights, const int32_t *bias,
           int32_t channels, const struct dense_parameters *p) {
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++) sums[0][i] = bias[i] - weight_bias;
    weights = dot(field, 1, 1, p->inputs, weights, channels, sums);
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++) {
        output[i] = dense_output(sums[0][i], p);
    }
    return weights;
}

/* input [batches, inputs] -> output [batches, outputs]. Weights: for each group of tile_channels outputs
 * [inputs][channels] in the order of the dot product, then the outputs left over one by one. */
__attribute__((always_inline)) static inline void
dense(dot_function *dot, weight_bias_function *bias_of, const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
      struct dense_parameters p) {
    for (int32_t batch = 0; batch < p.batches; batch++) {
        const struct field field = {input + batch * p.inputs, 0};
        const int32_t weight_bias = bias_of == NULL ? 0 : bias_of(&field, 1, p.inputs);
        const int8_t *next = weights;
        int32_t c = 0;
        for (; c + p.tile_channels <= p.outputs; c += p.tile_channels, output += p.tile_channels)
            next = dense_tile(dot, &field, weight_bias, output, next, bias + c, p.tile_channels, &p);
        for (; c < p.outputs; c++) next = dense_tile(dot, &field, weight_bias, output++, next, bias + c, 1, &p);
    }
}

#endif
