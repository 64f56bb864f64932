/* TANH, float32. */
#ifndef TINYML_TANH_FLOAT32_H
#define TINYML_TANH_FLOAT32_H

#include "tangent_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float tanh_of(float x) {
    return tangent_float32(x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void tanh_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(tanh_of, input, output, &p);
}

#endif
