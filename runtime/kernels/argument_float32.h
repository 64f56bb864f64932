/* The walk that ARG_MAX and ARG_MIN share, float32: input [outer, count, inner] -> output [outer, inner], int32 positions. */
#ifndef TINYML_ARGUMENT_FLOAT32_H
#define TINYML_ARGUMENT_FLOAT32_H

#include "float32.h"

struct argument_float32_parameters {
    int32_t outer, count, inner;
};

typedef int better_float32(float value, float best);

/* The first of equal values wins. */
__attribute__((always_inline)) static inline void argument_float32(better_float32 *better, const void *input, void *output,
                                                                   const struct argument_float32_parameters *p) {
    const float *from = (const float *)input;
    int32_t *to = (int32_t *)output;
    for (int32_t outer = 0; outer < p->outer; outer++, from += p->count * p->inner)
        for (int32_t inner = 0; inner < p->inner; inner++) {
            int32_t position = 0;
            for (int32_t i = 1; i < p->count; i++)
                if (better(from[i * p->inner + inner], from[position * p->inner + inner])) position = i;
            *to++ = position;
        }
}

#endif
