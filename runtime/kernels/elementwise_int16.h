/* The walk of elementwise.h over int16 inputs and outputs. */
#ifndef TINYML_ELEMENTWISE_INT16_H
#define TINYML_ELEMENTWISE_INT16_H

#include "elementwise.h"
#include "requantize_int16x8.h"

__attribute__((always_inline)) static inline void elementwise_int16(element_function *compute, const void *input_1,
                                                                    const void *input_2, void *output_halves,
                                                                    struct elementwise_parameters p) {
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                const int16_t *a = (const int16_t *)input_1 + i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                const int16_t *b = (const int16_t *)input_2 + i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, a += p.strides_1[3], b += p.strides_2[3])
                    *output++ = (int16_t)clamp_int16(compute(*a, *b, &p), p.output_min, p.output_max);
            }
}

#endif
