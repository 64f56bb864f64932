/* What float32 kernels share. Sums are taken in the order of the loops, so that every run gives the same bits; where the core
 * has fused multiply-adds a product is not rounded by itself. */
#ifndef TINYML_FLOAT32_H
#define TINYML_FLOAT32_H

#include <stdint.h>
#include <string.h>

__attribute__((always_inline)) static inline float multiply_add(float a, float b, float sum) {
#if defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, sum);
#else
    return sum + a * b;
#endif
}

/* The fused activation, a compile-time constant: 0 none, 1 ReLU, 2 ReLU6, 3 ReLU from -1 to 1. */
__attribute__((always_inline)) static inline float activated(float value, int32_t activation) {
    if (activation == 0) return value;
    const float low = activation == 3 ? -1.0f : 0.0f;
    if (value < low) return low;
    if (activation == 2 && value > 6.0f) return 6.0f;
    if (activation == 3 && value > 1.0f) return 1.0f;
    return value;
}

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
