/* SQRT, float32. */
#ifndef TINYML_SQRT_FLOAT32_H
#define TINYML_SQRT_FLOAT32_H

#include "square_root_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float sqrt_of(float x) {
    return square_root_float32(x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void sqrt_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(sqrt_of, input, output, &p);
}

#endif
