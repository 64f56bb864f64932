/* PRELU, float32. */
#ifndef TINYML_PRELU_FLOAT32_H
#define TINYML_PRELU_FLOAT32_H

#include "elementwise_float32.h"

__attribute__((always_inline)) static inline float prelu_pair(float a, float b) {
    return a >= 0.0f ? a : b * a;
}

__attribute__((always_inline)) static inline void prelu_float32(const void *input_1, const void *input_2, void *output,
                                                             struct elementwise_float32_parameters p) {
    elementwise_float32(prelu_pair, input_1, input_2, output, &p);
}

#endif
