/* CONV_2D and FULLY_CONNECTED, float32 activations and int8 weights. */
#ifndef TINYML_CONV_2D_HYBRID_H
#define TINYML_CONV_2D_HYBRID_H

#include "conv_2d_float32.h"

__attribute__((always_inline)) static inline void conv_2d_hybrid(const void *input, void *output, const int8_t *weights,
                                                                 const float *scales, const float *bias,
                                                                 struct convolution_float32_parameters p) {
    const struct filters f = {weights, scales, bias};
    convolve_float32(input, output, &f, &p);
}

#endif
