/* EXP, float32. */
#ifndef TINYML_EXP_FLOAT32_H
#define TINYML_EXP_FLOAT32_H

#include "exponential_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float exp_of(float x) {
    return exponential_float32(x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void exp_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(exp_of, input, output, &p);
}

#endif
