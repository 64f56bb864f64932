/* CONV_2D in groups, int16 with int8 weights, Armv6-M. */
#ifndef TINYML_CONV_2D_GROUPED_INT16X8_V6M_H
#define TINYML_CONV_2D_GROUPED_INT16X8_V6M_H

#include "convolution_grouped_int16x8.h"
#include "dot_int16x8_v6m.h"

__attribute__((always_inline)) static inline const int8_t *
grouped_int16x8_v6m_tile(const struct grouped_field *fields, int8_t *const *outputs, const int8_t *weights,
                         const struct grouped_constants *constants, int32_t c, int32_t channels,
                         const struct convolution_parameters *p) {
    return grouped_tile_int16x8(dot_int16x8_v6m, fields, outputs, weights, constants, c, channels, p);
}

__attribute__((always_inline)) static inline void
conv_2d_grouped_int16x8_v6m(const void *input, void *output, const int8_t *weights, const int32_t *bias,
                            const int32_t *multiplier, int8_t *patches, struct convolution_parameters p) {
    const struct grouped_constants constants = {weights, bias, multiplier, NULL};
    convolution_grouped(grouped_int16x8_v6m_tile, weight_bias_int16x8_v6m, 2, input, output, &constants, patches, &p);
}

#endif
