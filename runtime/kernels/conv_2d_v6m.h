/* CONV_2D, int8, Armv6-M. */
#ifndef TINYML_CONV_2D_V6M_H
#define TINYML_CONV_2D_V6M_H

#include "convolution.h"
#include "dot_int8_v6m.h"

__attribute__((always_inline)) static inline void
conv_2d_v6m(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
        const int8_t *shift, int8_t *patches, struct convolution_parameters p) {
    convolution(dot_int8_v6m, weight_bias_v6m, input, output, weights, bias, multiplier, shift, patches, p);
}

#endif
