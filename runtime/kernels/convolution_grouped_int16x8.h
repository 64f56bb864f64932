/* The tile of grouped convolutions of int16 inputs and int8 weights. */
#ifndef TINYML_CONVOLUTION_GROUPED_INT16X8_H
#define TINYML_CONVOLUTION_GROUPED_INT16X8_H

#include "convolution_grouped.h"
#include "convolution_int16x8.h"

__attribute__((always_inline)) static inline const int8_t *
grouped_tile_int16x8(dot_int16x8_function *dot, const struct grouped_field *fields, int8_t *const *outputs,
                     const int8_t *weights, const struct grouped_constants *constants, int32_t c, int32_t channels,
                     const struct convolution_parameters *p) {
    int32_t sums[max_pixels][max_channels];
    int64_t wide_sums[max_pixels][max_channels];
    const int32_t is_wide = has_wide_sums(p->wide);
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++)
            if (is_wide)
                wide_sums[j][i] = wide_bias(constants->bias, c + i);
            else
                sums[j][i] = (int32_t)((uint32_t)constants->bias[c + i] - (uint32_t)fields[j].weight_bias);
    for (int32_t ky = 0; ky < p->filter_height; ky++) {
        struct field rows[max_pixels];
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) rows[j] = tap_row(&fields[j], ky);
        weights = is_wide ? dot_int16x8_wide(rows, p->tile_pixels, p->filter_width, p->group_inputs, weights, channels, wide_sums)
                          : dot(rows, p->tile_pixels, p->filter_width, p->group_inputs, weights, channels, sums);
    }
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) {
            const int32_t value = is_wide ? requantize_wide(wide_sums[j][i], constants->multiplier, c + i, p->wide)
                                          : requantize_sum(sums[j][i], constants->multiplier, c + i, p->wide);
            ((int16_t *)(void *)outputs[j])[c + i] = (int16_t)clamp_int16(value, p->output_min, p->output_max);
        }
    return weights;
}

#endif
