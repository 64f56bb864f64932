/* GELU, float32. */
#ifndef TINYML_GELU_FLOAT32_H
#define TINYML_GELU_FLOAT32_H

#include "error_function_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float gelu_of(float x) {
    return 0.5f * x * (1.0f + error_function_float32(x * 0.707106781f));
}

/* output may be input. */
__attribute__((always_inline)) static inline void gelu_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(gelu_of, input, output, &p);
}

#endif
