/* MUL, float32. */
#ifndef TINYML_MUL_FLOAT32_H
#define TINYML_MUL_FLOAT32_H

#include "elementwise_float32.h"

__attribute__((always_inline)) static inline float mul_pair(float a, float b) {
    return a * b;
}

__attribute__((always_inline)) static inline void mul_float32(const void *input_1, const void *input_2, void *output,
                                                             struct elementwise_float32_parameters p) {
    elementwise_float32(mul_pair, input_1, input_2, output, &p);
}

#endif
