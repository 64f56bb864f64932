/* Sign, float32. */
#ifndef TINYML_SIGN_FLOAT32_H
#define TINYML_SIGN_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float sign_of(float x) {
    if (x > 0.0f) return 1.0f;
    return x < 0.0f ? -1.0f : x;
}

/* output may be input. */
__attribute__((always_inline)) static inline void sign_float32(const void *input, void *output,
                                                               struct unary_float32_parameters p) {
    unary_float32(sign_of, input, output, &p);
}

#endif
