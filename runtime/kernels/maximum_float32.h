/* MAXIMUM, float32. */
#ifndef TINYML_MAXIMUM_FLOAT32_H
#define TINYML_MAXIMUM_FLOAT32_H

#include "elementwise_float32.h"

__attribute__((always_inline)) static inline float maximum_pair(float a, float b) {
    return a > b ? a : b;
}

__attribute__((always_inline)) static inline void maximum_float32(const void *input_1, const void *input_2, void *output,
                                                             struct elementwise_float32_parameters p) {
    elementwise_float32(maximum_pair, input_1, input_2, output, &p);
}

#endif
