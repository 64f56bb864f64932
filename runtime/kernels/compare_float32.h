/* Comparisons of float32 to bool, with broadcasting: a stride of 0 repeats an input. */
#ifndef TINYML_COMPARE_FLOAT32_H
#define TINYML_COMPARE_FLOAT32_H

#include <stdint.h>

struct compare_float32_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_1[4], strides_2[4];
    int32_t relation; /* as in relation.h */
};

__attribute__((always_inline)) static inline int32_t holds_float32(float a, float b, int32_t relation) {
    switch (relation) {
    case 0: return a == b;
    case 1: return a != b;
    case 2: return a > b;
    case 3: return a >= b;
    case 4: return a < b;
    default: return a <= b;
    }
}

__attribute__((always_inline)) static inline void compare_float32(const void *input_1, const void *input_2, void *output,
                                                                  struct compare_float32_parameters p) {
    uint8_t *to = (uint8_t *)output;
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                const float *a = (const float *)input_1 + i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                const float *b = (const float *)input_2 + i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, a += p.strides_1[3], b += p.strides_2[3])
                    *to++ = (uint8_t)holds_float32(*a, *b, p.relation);
            }
}

#endif
