/* ADD, SUB, MUL, MAXIMUM, MINIMUM and DIV of int32 that wraps around, with broadcasting: a stride of 0 repeats an input. */
#ifndef TINYML_ARITHMETIC_INT32_H
#define TINYML_ARITHMETIC_INT32_H

#include <stdint.h>

struct arithmetic_int32_parameters {
    int32_t shape[4]; /* of the output, outermost first; dimensions that run together are merged */
    int32_t strides_1[4], strides_2[4];
    int32_t operation; /* in the order of the title */
};

/* A division by zero gives 0. */
__attribute__((always_inline)) static inline int32_t computed_int32(int32_t a, int32_t b, int32_t operation) {
    switch (operation) {
    case 0: return (int32_t)((uint32_t)a + (uint32_t)b);
    case 1: return (int32_t)((uint32_t)a - (uint32_t)b);
    case 2: return (int32_t)((uint32_t)a * (uint32_t)b);
    case 3: return a > b ? a : b;
    case 4: return a < b ? a : b;
    default: return b == 0 ? 0 : b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
    }
}

/* output may be one of the inputs. */
__attribute__((always_inline)) static inline void arithmetic_int32(const void *input_1, const void *input_2, void *output,
                                                                   struct arithmetic_int32_parameters p) {
    int32_t *to = (int32_t *)output;
    for (int32_t i = 0; i < p.shape[0]; i++)
        for (int32_t j = 0; j < p.shape[1]; j++)
            for (int32_t k = 0; k < p.shape[2]; k++) {
                const int32_t *a = (const int32_t *)input_1 + i * p.strides_1[0] + j * p.strides_1[1] + k * p.strides_1[2];
                const int32_t *b = (const int32_t *)input_2 + i * p.strides_2[0] + j * p.strides_2[1] + k * p.strides_2[2];
                for (int32_t l = 0; l < p.shape[3]; l++, a += p.strides_1[3], b += p.strides_2[3])
                    *to++ = computed_int32(*a, *b, p.operation);
            }
}

#endif
