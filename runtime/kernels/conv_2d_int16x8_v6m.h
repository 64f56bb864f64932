/* CONV_2D and FULLY_CONNECTED, int16 with int8 weights, Armv6-M. */
#ifndef TINYML_CONV_2D_INT16X8_V6M_H
#define TINYML_CONV_2D_INT16X8_V6M_H

#include "convolution_int16x8.h"
#include "dot_int16x8_v6m.h"

__attribute__((always_inline)) static inline void
conv_2d_int16x8_v6m(const void *input, void *output, const int8_t *weights, const int32_t *bias,
                    const int32_t *multiplier, int8_t *patches, struct convolution_parameters p) {
    convolution_int16x8(dot_int16x8_v6m, weight_bias_int16x8_v6m, input, output, weights, bias, multiplier, patches, p);
}

#endif
