/* ARG_MIN, int8 to int32. */
#ifndef TINYML_ARG_MIN_H
#define TINYML_ARG_MIN_H

#include "argument.h"

__attribute__((always_inline)) static inline int better_min(int32_t value, int32_t best) {
    return value < best;
}

__attribute__((always_inline)) static inline void arg_min(const int8_t *input, void *output,
                                                         struct argument_parameters p) {
    argument(better_min, input, output, p);
}

#endif
