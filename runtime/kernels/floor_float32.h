/* FLOOR, float32. */
#ifndef TINYML_FLOOR_FLOAT32_H
#define TINYML_FLOOR_FLOAT32_H

#include "unary_float32.h"

/* From 2^23 on, and for what is no number, there is nothing behind the point. */
__attribute__((always_inline)) static inline float floor_of(float x) {
    if (!(x < 8388608.0f && x > -8388608.0f)) return x;
    const float whole = (float)(int32_t)x;
    return whole > x ? whole - 1.0f : whole;
}

/* output may be input. */
__attribute__((always_inline)) static inline void floor_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(floor_of, input, output, &p);
}

#endif
