/* SELECT_V2: one of two values by a condition, with broadcasting: a stride of 0 repeats an input. */
#ifndef TINYML_SELECTION_H
#define TINYML_SELECTION_H

#include <stdint.h>
#include <string.h>

struct selection_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_condition[4], strides_1[4], strides_2[4]; /* in elements */
    int32_t element_bytes; /* 1, 2, 4 or 8 */
};

/* output may be one of the values. */
__attribute__((always_inline)) static inline void selection(const int8_t *condition, const void *input_1, const void *input_2,
                                                         int8_t *output, struct selection_parameters p) {
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                int32_t at = i * p.strides_condition[0] + j * p.strides_condition[1] + k * p.strides_condition[2];
                int32_t at_1 = i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                int32_t at_2 = i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++) {
                    const int8_t *from = condition[at] != 0 ? (const int8_t *)input_1 + at_1 * p.element_bytes
                                                            : (const int8_t *)input_2 + at_2 * p.element_bytes;
                    int8_t element[8];
                    memcpy(element, from, (uint32_t)p.element_bytes);
                    memcpy(output, element, (uint32_t)p.element_bytes);
                    output += p.element_bytes;
                    at += p.strides_condition[3];
                    at_1 += p.strides_1[3];
                    at_2 += p.strides_2[3];
                }
            }
}

#endif
