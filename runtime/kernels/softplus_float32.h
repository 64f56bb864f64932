/* Softplus, float32. */
#ifndef TINYML_SOFTPLUS_FLOAT32_H
#define TINYML_SOFTPLUS_FLOAT32_H

#include "exponential_float32.h"
#include "logarithm_float32.h"
#include "unary_float32.h"

/* log(1 + e) by the logarithm of u = 1 + e as it is rounded, times e / (u - 1): no digits are lost where e is small. */
static inline float softplus_of(float x) {
    const float e = exponential_float32(x < 0.0f ? x : -x);
    const float u = 1.0f + e;
    const float tail = u == 1.0f ? e : logarithm_float32(u) * (e / (u - 1.0f));
    return x > 0.0f ? x + tail : tail;
}

/* output may be input. */
__attribute__((always_inline)) static inline void softplus_float32(const void *input, void *output,
                                                                   struct unary_float32_parameters p) {
    unary_float32(softplus_of, input, output, &p);
}

#endif
