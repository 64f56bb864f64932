/* ELU, float32. */
#ifndef TINYML_ELU_FLOAT32_H
#define TINYML_ELU_FLOAT32_H

#include "exponential_float32.h"
#include "unary_float32.h"

/* Near zero e^x - 1 by its series: the difference would lose all digits. */
__attribute__((always_inline)) static inline float elu_of(float x) {
    if (!(x < 0.0f)) return x;
    if (x < -0.25f) return exponential_float32(x) - 1.0f;
    float q = 1.38888889e-3f;
    q = multiply_add(q, x, 8.33333333e-3f);
    q = multiply_add(q, x, 4.16666667e-2f);
    q = multiply_add(q, x, 0.166666667f);
    q = multiply_add(q, x, 0.5f);
    return multiply_add(x * x, q, x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void elu_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(elu_of, input, output, &p);
}

#endif
