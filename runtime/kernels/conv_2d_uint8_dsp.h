/* CONV_2D and FULLY_CONNECTED, int8 with uint8 weights around zero points of their own, DSP extension. */
#ifndef TINYML_CONV_2D_UINT8_DSP_H
#define TINYML_CONV_2D_UINT8_DSP_H

#include "convolution_uint8.h"
#include "dot_int8_dsp.h"

__attribute__((always_inline)) static inline void
conv_2d_uint8_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
              const int32_t *multiplier, const int8_t *shift, const int32_t *zero_points, int8_t *patch,
              struct convolution_parameters p) {
    convolution_uint8(dot_int8_dsp, input, output, weights, bias, multiplier, shift, zero_points, patch, p);
}

#endif
