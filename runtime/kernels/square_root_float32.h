/* The square root of a float32: the core's own, or Newton's method, within 1 unit in the last place. */
#ifndef TINYML_SQUARE_ROOT_FLOAT32_H
#define TINYML_SQUARE_ROOT_FLOAT32_H

#include "float32.h"

static inline float square_root_float32(float x) {
#if defined(__ARM_FP)
    float root;
    __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
    return root;
#else
    if (!(x > 0.0f)) return x == 0.0f ? x : float_of(0x7fc00000u);
    if (bits_of(x) >= 0x7f800000u) return x;
    const int32_t is_small = bits_of(x) < 0x00800000u;
    if (is_small) x *= 16777216.0f; /* subnormal: 2^24 */
    /* Half the exponent: within 4 %. Each step doubles the good bits. */
    float root = float_of((bits_of(x) >> 1) + 0x1fbb4f2eu);
    root = 0.5f * (root + x / root);
    root = 0.5f * (root + x / root);
    root = 0.5f * (root + x / root);
    return is_small ? root * 2.44140625e-4f : root;
#endif
}

#endif
