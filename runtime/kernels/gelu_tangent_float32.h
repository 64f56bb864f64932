/* GELU by the hyperbolic tangent, float32. */
#ifndef TINYML_GELU_TANGENT_FLOAT32_H
#define TINYML_GELU_TANGENT_FLOAT32_H

#include "tangent_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float gelu_tangent_of(float x) {
    return 0.5f * x * (1.0f + tangent_float32(0.797884561f * multiply_add(0.044715f * x * x, x, x)));
}

/* output may be input. */
__attribute__((always_inline)) static inline void gelu_tangent_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(gelu_tangent_of, input, output, &p);
}

#endif
