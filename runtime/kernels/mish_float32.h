/* Mish, float32. */
#ifndef TINYML_MISH_FLOAT32_H
#define TINYML_MISH_FLOAT32_H

#include "exponential_float32.h"
#include "unary_float32.h"

/* tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2); from 20 on it is 1. */
static inline float mish_of(float x) {
    if (x > 20.0f) return x;
    const float e = exponential_float32(x);
    const float n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}

/* output may be input. */
__attribute__((always_inline)) static inline void mish_float32(const void *input, void *output,
                                                               struct unary_float32_parameters p) {
    unary_float32(mish_of, input, output, &p);
}

#endif
