/* SUM, float32. */
#ifndef TINYML_SUM_FLOAT32_H
#define TINYML_SUM_FLOAT32_H

#include "reduction_float32.h"

__attribute__((always_inline)) static inline void sum_float32(const void *input, void *output,
                                                             struct reduction_float32_parameters p) {
    reduction_float32(joined_sum, input, output, 0, &p);
}

#endif
