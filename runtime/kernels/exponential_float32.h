/* e to the x, float32, without a C library: within 2 units in the last place; below -87.3 it is 0, above 88.7 infinite. */
#ifndef TINYML_EXPONENTIAL_FLOAT32_H
#define TINYML_EXPONENTIAL_FLOAT32_H

#include "float32.h"

static inline float exponential_float32(float x) {
    if (x != x) return x;
    if (x < -87.33654f) return 0.0f;
    if (x > 88.72283f) return float_of(0x7f800000u);
    /* x = n ln 2 + r, |r| <= ln 2 / 2; the upper part of ln 2 has so few bits that n times it is exact. */
    const float turns = x * 1.44269504f;
    const int32_t n = (int32_t)(turns + (turns < 0.0f ? -0.5f : 0.5f));
    float r = multiply_add((float)-n, 0.693359375f, x);
    r = multiply_add((float)n, 2.12194440e-4f, r);
    /* e^r = 1 + r + r^2 q(r): Chebyshev interpolation of q. */
    float q = 0.001392618181f;
    q = multiply_add(q, r, 0.00836317763f);
    q = multiply_add(q, r, 0.04166655463f);
    q = multiply_add(q, r, 0.16666577f);
    q = multiply_add(q, r, 0.5f);
    const float value = 1.0f + multiply_add(r * r, q, r);
    /* Two powers of two: n may be 128. */
    const int32_t half = n >> 1;
    return value * float_of((uint32_t)(half + 127) << 23) * float_of((uint32_t)(n - half + 127) << 23);
}

#endif
