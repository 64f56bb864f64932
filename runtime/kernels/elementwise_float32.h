/* The walk that float32 operators of two inputs share, with broadcasting: a stride of 0 repeats an input along a dimension.
 * What is computed for a pair is an argument. */
#ifndef TINYML_ELEMENTWISE_FLOAT32_H
#define TINYML_ELEMENTWISE_FLOAT32_H

#include "float32.h"

struct elementwise_float32_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_1[4], strides_2[4];
    int32_t activation;
};

typedef float pair_float32(float a, float b);

__attribute__((always_inline)) static inline void elementwise_float32(pair_float32 *compute, const void *input_1,
                                                                      const void *input_2, void *output,
                                                                      const struct elementwise_float32_parameters *p) {
    float *to = (float *)output;
    for (int32_t i = 0; i < p->shape[0]; i++)
        for (int32_t j = 0; j < p->shape[1]; j++)
            for (int32_t k = 0; k < p->shape[2]; k++) {
                const float *a = (const float *)input_1 + i * p->strides_1[0] + j * p->strides_1[1] + k * p->strides_1[2];
                const float *b = (const float *)input_2 + i * p->strides_2[0] + j * p->strides_2[1] + k * p->strides_2[2];
                for (int32_t l = 0; l < p->shape[3]; l++, a += p->strides_1[3], b += p->strides_2[3])
                    *to++ = activated(compute(*a, *b), p->activation);
            }
}

#endif
