/* MINIMUM, int8, all of one scale. */
#ifndef TINYML_MINIMUM_H
#define TINYML_MINIMUM_H

#include "elementwise.h"

__attribute__((always_inline)) static inline int32_t minimum_element(int32_t a, int32_t b,
                                                                     const struct elementwise_parameters *p) {
    (void)p;
    return a < b ? a : b;
}

__attribute__((always_inline)) static inline void
minimum(const int8_t *input_1, const int8_t *input_2, int8_t *output,
        struct elementwise_parameters p) {
    elementwise(minimum_element, input_1, input_2, output, p);
}

#endif
