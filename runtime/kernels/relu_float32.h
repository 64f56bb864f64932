/* RELU, float32. */
#ifndef TINYML_RELU_FLOAT32_H
#define TINYML_RELU_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float relu_of(float x) {
    return activated(x, 1);
}

/* output may be input. */
__attribute__((always_inline)) static inline void relu_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(relu_of, input, output, &p);
}

#endif
