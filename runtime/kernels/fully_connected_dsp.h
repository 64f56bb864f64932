/* FULLY_CONNECTED with one scale for all weights, int8, DSP extension. (One scale per output channel: conv_2d_dsp.) */
#ifndef TINYML_FULLY_CONNECTED_DSP_H
#define TINYML_FULLY_CONNECTED_DSP_H

#include "dense.h"
#include "dot_int8_dsp.h"

__attribute__((always_inline)) static inline void
fully_connected_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                struct dense_parameters p) {
    dense(dot_int8_dsp, NULL, input, output, weights, bias, p);
}

#endif
