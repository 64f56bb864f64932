/* The error function, float32, without a C library: within 3 units in the last place. */
#ifndef TINYML_ERROR_FUNCTION_FLOAT32_H
#define TINYML_ERROR_FUNCTION_FLOAT32_H

#include "exponential_float32.h"

static inline float error_function_float32(float x) {
    const float size = x < 0.0f ? -x : x;
    if (size < 1.0f) {
        /* erf x = x + x p(x^2): Chebyshev interpolation of p. */
        const float square = x * x;
        float p = 7.875875063e-5f;
        p = multiply_add(p, square, -8.016864287e-4f);
        p = multiply_add(p, square, 5.189087423e-3f);
        p = multiply_add(p, square, -2.685421201e-2f);
        p = multiply_add(p, square, 0.1128359472f);
        p = multiply_add(p, square, -0.3761262667f);
        p = multiply_add(p, square, 0.1283791658f);
        return multiply_add(p, x, x);
    }
    if (x != x) return x;
    if (size > 3.95f) return x < 0.0f ? -1.0f : 1.0f;
    /* 1 - erf x = e^(x q(x)): the same of q. */
    float q = 2.794912742e-7f;
    q = multiply_add(q, size, -4.501412589e-6f);
    q = multiply_add(q, size, 1.246589352e-5f);
    q = multiply_add(q, size, 2.794647684e-4f);
    q = multiply_add(q, size, -3.682906095e-3f);
    q = multiply_add(q, size, 2.40547292e-2f);
    q = multiply_add(q, size, -0.1067161602f);
    q = multiply_add(q, size, -0.6348045369f);
    q = multiply_add(q, size, -1.128744322f);
    const float value = 1.0f - exponential_float32(q * size);
    return x < 0.0f ? -value : value;
}

#endif
