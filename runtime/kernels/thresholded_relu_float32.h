/* ThresholdedRelu, float32. */
#ifndef TINYML_THRESHOLDED_RELU_FLOAT32_H
#define TINYML_THRESHOLDED_RELU_FLOAT32_H

#include "unary_float32.h"

/* output may be input. */
__attribute__((always_inline)) static inline void thresholded_relu_float32(const void *input, void *output,
                                                                           const float *threshold,
                                                                           struct unary_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t i = 0; i < p.count; i++) to[i] = from[i] > *threshold ? from[i] : 0.0f;
}

#endif
