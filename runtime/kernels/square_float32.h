/* SQUARE, float32. */
#ifndef TINYML_SQUARE_FLOAT32_H
#define TINYML_SQUARE_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float square_of(float x) {
    return x * x;
}

/* output may be input. */
__attribute__((always_inline)) static inline void square_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(square_of, input, output, &p);
}

#endif
