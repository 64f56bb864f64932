/* CONV_2D in groups, int8, DSP extension. */
#ifndef TINYML_CONV_2D_GROUPED_DSP_H
#define TINYML_CONV_2D_GROUPED_DSP_H

#include "convolution_grouped.h"
#include "dot_int8_words_dsp.h"

__attribute__((always_inline)) static inline const int8_t *
grouped_tile_dsp(const struct grouped_field *fields, int8_t *const *outputs, const int8_t *weights,
                 const struct grouped_constants *constants, int32_t c, int32_t channels,
                 const struct convolution_parameters *p) {
    return grouped_tile_int8(dot_int8_words_dsp, fields, outputs, weights, constants, c, channels, p);
}

__attribute__((always_inline)) static inline void
conv_2d_grouped_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                    const int32_t *multiplier, const int8_t *shift, int8_t *patches, struct convolution_parameters p) {
    const struct grouped_constants constants = {weights, bias, multiplier, shift};
    convolution_grouped(grouped_tile_dsp, NULL, 1, input, output, &constants, patches, &p);
}

#endif
