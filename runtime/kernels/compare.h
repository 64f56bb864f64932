/* Comparisons of quantized numbers, int8 or int16, to bool, with broadcasting: a stride of 0 repeats an input. */
#ifndef TINYML_COMPARE_H
#define TINYML_COMPARE_H

#include "relation.h"
#include "requantize.h"

struct compare_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_1[4], strides_2[4];
    int32_t relation;
    int32_t element_bytes; /* 1 or 2 */
    int32_t offset_1, offset_2; /* minus the zero points */
    int32_t multiplier_1, shift_1, multiplier_2, shift_2; /* the scales; right shifts */
};

__attribute__((always_inline)) static inline int32_t quantized_at(const void *input, int32_t at, int32_t element_bytes) {
    return element_bytes == 1 ? ((const int8_t *)input)[at] : ((const int16_t *)input)[at];
}

__attribute__((always_inline)) static inline void compare(const void *input_1, const void *input_2, void *output,
                                                          struct compare_parameters p) {
    uint8_t *to = (uint8_t *)output;
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                int32_t at_1 = i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                int32_t at_2 = i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, at_1 += p.strides_1[3], at_2 += p.strides_2[3]) {
                    const int32_t a = (quantized_at(input_1, at_1, p.element_bytes) + p.offset_1) * 256;
                    const int32_t b = (quantized_at(input_2, at_2, p.element_bytes) + p.offset_2) * 256;
                    *to++ = (uint8_t)holds(requantize(a, p.multiplier_1, p.shift_1),
                                           requantize(b, p.multiplier_2, p.shift_2), p.relation);
                }
            }
}

#endif
