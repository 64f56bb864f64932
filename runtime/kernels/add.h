/* ADD, int8: both inputs brought to one scale, added, requantized. */
#ifndef TINYML_ADD_H
#define TINYML_ADD_H

#include "elementwise.h"

__attribute__((always_inline)) static inline int32_t add_term(int32_t value, int32_t offset, int32_t left_shift,
                                                              int32_t multiplier, int32_t shift) {
    return rounding_shift_right(multiply_high_rounded_narrow((value + offset) * (1 << left_shift), multiplier), shift);
}

__attribute__((always_inline)) static inline int32_t add_element(int32_t a, int32_t b,
                                                                 const struct elementwise_parameters *p) {
    const int32_t sum = add_term(a, p->offset_1, p->left_shift, p->multiplier_1, p->shift_1) +
                        add_term(b, p->offset_2, p->left_shift, p->multiplier_2, p->shift_2);
    return requantize(sum, p->output_multiplier, p->output_shift) + p->output_zero_point;
}

__attribute__((always_inline)) static inline void add(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                      struct elementwise_parameters p) {
    elementwise(add_element, input_1, input_2, output, p);
}

#endif
