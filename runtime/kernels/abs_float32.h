/* ABS, float32. */
#ifndef TINYML_ABS_FLOAT32_H
#define TINYML_ABS_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float abs_of(float x) {
    return x < 0.0f ? -x : x;
}

/* output may be input. */
__attribute__((always_inline)) static inline void abs_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(abs_of, input, output, &p);
}

#endif
