/* LEAKY_RELU, float32. */
#ifndef TINYML_LEAKY_RELU_FLOAT32_H
#define TINYML_LEAKY_RELU_FLOAT32_H

#include "unary_float32.h"

/* output may be input. */
__attribute__((always_inline)) static inline void leaky_relu_float32(const void *input, void *output, const float *slope,
                                                                     struct unary_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t i = 0; i < p.count; i++) to[i] = from[i] >= 0.0f ? from[i] : *slope * from[i];
}

#endif
