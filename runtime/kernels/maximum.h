/* MAXIMUM, int8, all of one scale. */
#ifndef TINYML_MAXIMUM_H
#define TINYML_MAXIMUM_H

#include "elementwise.h"

__attribute__((always_inline)) static inline int32_t maximum_element(int32_t a, int32_t b,
                                                                     const struct elementwise_parameters *p) {
    (void)p;
    return a > b ? a : b;
}

__attribute__((always_inline)) static inline void
maximum(const int8_t *input_1, const int8_t *input_2, int8_t *output,
        struct elementwise_parameters p) {
    elementwise(maximum_element, input_1, input_2, output, p);
}

#endif
