/* ARG_MAX, float32. */
#ifndef TINYML_ARG_MAX_FLOAT32_H
#define TINYML_ARG_MAX_FLOAT32_H

#include "argument_float32.h"

__attribute__((always_inline)) static inline int is_larger_float32(float value, float best) {
    return value > best;
}

__attribute__((always_inline)) static inline void arg_max_float32(const void *input, void *output,
                                                             struct argument_float32_parameters p) {
    argument_float32(is_larger_float32, input, output, &p);
}

#endif
