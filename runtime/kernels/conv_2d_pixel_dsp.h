/* CONV_2D of one output pixel (a fully connected layer, for one), int8, DSP extension. */
#ifndef TINYML_CONV_2D_PIXEL_DSP_H
#define TINYML_CONV_2D_PIXEL_DSP_H

#include "convolution.h"
#include "dot_int8_dsp.h"

__attribute__((always_inline)) static inline void
conv_2d_pixel_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                  const int32_t *multiplier, const int8_t *shift, int8_t *patch, struct convolution_parameters p) {
    convolution(dot_int8_dsp, NULL, input, output, weights, bias, multiplier, shift, patch, p);
}

#endif
