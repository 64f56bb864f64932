/* CONV_2D, int8, plain C. */
#ifndef TINYML_CONV_2D_H
#define TINYML_CONV_2D_H

#include "convolution.h"

__attribute__((always_inline)) static inline void
conv_2d(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
        const int8_t *shift, int8_t *patches, struct convolution_parameters p) {
    convolution(dot_int8, NULL, input, output, weights, bias, multiplier, shift, patches, p);
}

#endif
