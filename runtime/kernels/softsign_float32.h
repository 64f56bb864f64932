/* Softsign, float32. */
#ifndef TINYML_SOFTSIGN_FLOAT32_H
#define TINYML_SOFTSIGN_FLOAT32_H

#include "unary_float32.h"

__attribute__((always_inline)) static inline float softsign_of(float x) {
    return x / (1.0f + (x < 0.0f ? -x : x));
}

/* output may be input. */
__attribute__((always_inline)) static inline void softsign_float32(const void *input, void *output,
                                                                   struct unary_float32_parameters p) {
    unary_float32(softsign_of, input, output, &p);
}

#endif
