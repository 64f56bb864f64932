/* RSQRT, float32. */
#ifndef TINYML_RSQRT_FLOAT32_H
#define TINYML_RSQRT_FLOAT32_H

#include "square_root_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float rsqrt_of(float x) {
    return 1.0f / square_root_float32(x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void rsqrt_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(rsqrt_of, input, output, &p);
}

#endif
