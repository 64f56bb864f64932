/* Reciprocal, float32. */
#ifndef TINYML_RECIPROCAL_FLOAT32_H
#define TINYML_RECIPROCAL_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float reciprocal_of(float x) {
    return 1.0f / x;
}

/* output may be input. */
__attribute__((always_inline)) static inline void reciprocal_float32(const void *input, void *output,
                                                                     struct unary_float32_parameters p) {
    unary_float32(reciprocal_of, input, output, &p);
}

#endif
