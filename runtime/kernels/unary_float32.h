/* Operators of one number, float32. */
#ifndef TINYML_UNARY_FLOAT32_H
#define TINYML_UNARY_FLOAT32_H

#include "float32.h"

struct unary_float32_parameters {
    int32_t count;
};

typedef float one_float32(float x);

/* output may be input. */
__attribute__((always_inline)) static inline void unary_float32(one_float32 *compute, const void *input, void *output,
                                                                const struct unary_float32_parameters *p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t i = 0; i < p->count; i++) to[i] = compute(from[i]);
}

#endif
