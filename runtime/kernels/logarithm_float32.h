/* The natural logarithm of a positive normal float32, without a C library: within 2 units in the last place. */
#ifndef TINYML_LOGARITHM_FLOAT32_H
#define TINYML_LOGARITHM_FLOAT32_H

#include "float32.h"

static inline float logarithm_float32(float x) {
    if (!(x > 0.0f)) return x == 0.0f ? float_of(0xff800000u) : float_of(0x7fc00000u);
    if (bits_of(x) >= 0x7f800000u) return x;
    int32_t exponent = 0;
    if (bits_of(x) < 0x00800000u) { /* subnormal */
        x *= 8388608.0f;
        exponent = -23;
    }
    /* x = 2^exponent (1 + m), 1 + m from the root of a half to that of two. */
    const uint32_t bits = bits_of(x) - 0x3f3504f3u;
    exponent += (int32_t)bits >> 23;
    const float m = float_of((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    /* log(1 + m) = m - m^2 / 2 + m^3 q(m): Chebyshev interpolation of q. */
    float q = 0.06971611472f;
    q = multiply_add(q, m, -0.1147973385f);
    q = multiply_add(q, m, 0.1168541992f);
    q = multiply_add(q, m, -0.1242568733f);
    q = multiply_add(q, m, 0.1424905765f);
    q = multiply_add(q, m, -0.1666780232f);
    q = multiply_add(q, m, 0.2000071575f);
    q = multiply_add(q, m, -0.2499999696f);
    q = multiply_add(q, m, 0.3333333118f);
    const float square = m * m;
    float y = multiply_add(square * m, q, (float)exponent * -2.12194440e-4f);
    y = multiply_add(square, -0.5f, y);
    return multiply_add((float)exponent, 0.693359375f, m + y);
}

#endif
