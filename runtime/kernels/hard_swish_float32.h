/* HARD_SWISH, float32. */
#ifndef TINYML_HARD_SWISH_FLOAT32_H
#define TINYML_HARD_SWISH_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float hard_swish_of(float x) {
    return x * activated(x + 3.0f, 2) / 6.0f;
}

/* output may be input. */
__attribute__((always_inline)) static inline void hard_swish_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(hard_swish_of, input, output, &p);
}

#endif
