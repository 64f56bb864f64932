/* LOGISTIC, float32. */
#ifndef TINYML_LOGISTIC_FLOAT32_H
#define TINYML_LOGISTIC_FLOAT32_H

#include "exponential_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float logistic_of(float x) {
    const float e = exponential_float32(x < 0.0f ? x : -x);
    return x < 0.0f ? e / (1.0f + e) : 1.0f / (1.0f + e);
}

/* output may be input. */
__attribute__((always_inline)) static inline void logistic_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(logistic_of, input, output, &p);
}

#endif
