/* SQUARED_DIFFERENCE, float32. */
#ifndef TINYML_SQUARED_DIFFERENCE_FLOAT32_H
#define TINYML_SQUARED_DIFFERENCE_FLOAT32_H

#include "elementwise_float32.h"

__attribute__((always_inline)) static inline float squared_difference_pair(float a, float b) {
    return (a - b) * (a - b);
}

__attribute__((always_inline)) static inline void squared_difference_float32(const void *input_1, const void *input_2, void *output,
                                                             struct elementwise_float32_parameters p) {
    elementwise_float32(squared_difference_pair, input_1, input_2, output, &p);
}

#endif
