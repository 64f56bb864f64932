/* PRELU, int16: input 2 holds the slopes for what is negative, int8. */
#ifndef TINYML_PRELU_INT16_H
#define TINYML_PRELU_INT16_H

#include "prelu.h"
#include "requantize_int16x8.h"

__attribute__((always_inline)) static inline void prelu_int16(const void *input_halves, const int8_t *slopes,
                                                              void *output_halves, struct elementwise_parameters p) {
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                const int16_t *a =
                    (const int16_t *)input_halves + i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                const int8_t *b = slopes + i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, a += p.strides_1[3], b += p.strides_2[3])
                    *output++ = (int16_t)clamp_int16(prelu_element(*a, *b, &p), p.output_min, p.output_max);
            }
}

#endif
