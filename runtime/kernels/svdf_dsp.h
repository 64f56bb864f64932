/* SVDF, int8 with int8 or int16 state, DSP extension. */
#ifndef TINYML_SVDF_DSP_H
#define TINYML_SVDF_DSP_H

#include "dot_int8_dsp.h"
#include "svdf.h"

__attribute__((always_inline)) static inline void svdf_dsp(const int8_t *input, int8_t *output, void *state,
                                                           const int8_t *feature_weights, const int32_t *feature_bias,
                                                           const void *time_weights, const int32_t *bias,
                                                           struct svdf_parameters p) {
    svdf_with(dot_int8_dsp, input, output, state, feature_weights, feature_bias, time_weights, bias, p);
}

#endif
