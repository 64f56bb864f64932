/* LOG, float32. */
#ifndef TINYML_LOG_FLOAT32_H
#define TINYML_LOG_FLOAT32_H

#include "logarithm_float32.h"
#include "unary_float32.h"

__attribute__((always_inline)) static inline float log_of(float x) {
    return logarithm_float32(x);
}

/* output may be input. */
__attribute__((always_inline)) static inline void log_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(log_of, input, output, &p);
}

#endif
