/* REDUCE_MAX, float32. */
#ifndef TINYML_REDUCE_MAX_FLOAT32_H
#define TINYML_REDUCE_MAX_FLOAT32_H

#include "reduction_float32.h"

__attribute__((always_inline)) static inline float joined_max(float joined, float value) {
    return value > joined ? value : joined;
}

__attribute__((always_inline)) static inline void reduce_max_float32(const void *input, void *output,
                                                             struct reduction_float32_parameters p) {
    reduction_float32(joined_max, input, output, 0, &p);
}

#endif
