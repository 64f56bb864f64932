/* MEAN, float32. */
#ifndef TINYML_MEAN_FLOAT32_H
#define TINYML_MEAN_FLOAT32_H

#include "reduction_float32.h"

__attribute__((always_inline)) static inline void mean_float32(const void *input, void *output,
                                                             struct reduction_float32_parameters p) {
    reduction_float32(joined_sum, input, output, 1, &p);
}

#endif
