/* MAX_POOL_2D, float32. */
#ifndef TINYML_MAX_POOL_2D_FLOAT32_H
#define TINYML_MAX_POOL_2D_FLOAT32_H

#include "pool_float32.h"

/* input [N, H, W, C] -> output [N, H', W', C] */
__attribute__((always_inline)) static inline void max_pool_2d_float32(const void *input, void *output,
                                                             struct pool_float32_parameters p) {
    pool_float32(input, output, 0, &p);
}

#endif
