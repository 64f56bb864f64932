/* The walk that operators of two inputs share, with broadcasting: a stride of 0 repeats an input along a dimension.
 * What is computed for a pair is an argument. */
#ifndef TINYML_ELEMENTWISE_H
#define TINYML_ELEMENTWISE_H

#include "requantize.h"

struct elementwise_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_1[4], strides_2[4];
    int32_t offset_1, offset_2; /* added to the inputs: minus their zero points */
    int32_t left_shift;
    int32_t multiplier_1, shift_1, multiplier_2, shift_2; /* right shifts */
    int32_t output_multiplier, output_shift;
    int32_t output_zero_point;
    int32_t output_min, output_max;
};

typedef int32_t element_function(int32_t a, int32_t b, const struct elementwise_parameters *p);

__attribute__((always_inline)) static inline void elementwise(element_function *compute, const int8_t *input_1,
                                                              const int8_t *input_2, int8_t *output,
                                                              struct elementwise_parameters p) {
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                const int8_t *a = input_1 + i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                const int8_t *b = input_2 + i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, a += p.strides_1[3], b += p.strides_2[3])
                    *output++ = (int8_t)clamp(compute(*a, *b, &p), p.output_min, p.output_max);
            }
}

#endif
