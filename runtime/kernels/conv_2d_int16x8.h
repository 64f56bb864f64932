/* CONV_2D and FULLY_CONNECTED, int16 with int8 weights, plain C. */
#ifndef TINYML_CONV_2D_INT16X8_H
#define TINYML_CONV_2D_INT16X8_H

#include "convolution_int16x8.h"

__attribute__((always_inline)) static inline void
conv_2d_int16x8(const void *input, void *output, const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                int8_t *patches, struct convolution_parameters p) {
    convolution_int16x8(dot_int16x8, NULL, input, output, weights, bias, multiplier, patches, p);
}

#endif
