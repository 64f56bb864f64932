/* What the reductions share, float32: input [outer, count, inner] to output [outer, inner]. */
#ifndef TINYML_REDUCTION_FLOAT32_H
#define TINYML_REDUCTION_FLOAT32_H

#include "float32.h"

struct reduction_float32_parameters {
    int32_t outer, count, inner;
};

typedef float join_float32(float joined, float value);

/* The first of `count` elements joined with the others one by one; a mean is divided by their number. */
__attribute__((always_inline)) static inline void reduction_float32(join_float32 *join, const void *input, void *output,
                                                                    int32_t is_mean,
                                                                    const struct reduction_float32_parameters *p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t outer = 0; outer < p->outer; outer++, from += p->count * p->inner)
        for (int32_t inner = 0; inner < p->inner; inner++) {
            float joined = from[inner];
            for (int32_t i = 1; i < p->count; i++) joined = join(joined, from[i * p->inner + inner]);
            *to++ = is_mean ? joined / (float)p->count : joined;
        }
}

__attribute__((always_inline)) static inline float joined_sum(float joined, float value) {
    return joined + value;
}

#endif
