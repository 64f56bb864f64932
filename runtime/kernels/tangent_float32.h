/* The hyperbolic tangent, float32, without a C library: within 2 units in the last place. */
#ifndef TINYML_TANGENT_FLOAT32_H
#define TINYML_TANGENT_FLOAT32_H

#include "exponential_float32.h"

static inline float tangent_float32(float x) {
    const float size = x < 0.0f ? -x : x;
    if (size < 0.625f) {
        /* x + x^3 q(x^2): Chebyshev interpolation of q. */
        const float square = x * x;
        float q = -0.00609671416f;
        q = multiply_add(q, square, 0.02099717899f);
        q = multiply_add(q, square, -0.05385090958f);
        q = multiply_add(q, square, 0.1333276974f);
        q = multiply_add(q, square, -0.3333332894f);
        return multiply_add(square * x, q, x);
    }
    if (x != x) return x;
    const float value = size > 9.1f ? 1.0f : 1.0f - 2.0f / (exponential_float32(2.0f * size) + 1.0f);
    return x < 0.0f ? -value : value;
}

#endif
