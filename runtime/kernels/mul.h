/* MUL, int8: the product of both inputs above their zero points, requantized. */
#ifndef TINYML_MUL_H
#define TINYML_MUL_H

#include "elementwise.h"

__attribute__((always_inline)) static inline int32_t mul_element(int32_t a, int32_t b,
                                                                 const struct elementwise_parameters *p) {
    const int32_t product = (a + p->offset_1) * (b + p->offset_2);
    return requantize(product, p->output_multiplier, p->output_shift) + p->output_zero_point;
}

__attribute__((always_inline)) static inline void mul(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                      struct elementwise_parameters p) {
    elementwise(mul_element, input_1, input_2, output, p);
}

#endif
