/* SQUARED_DIFFERENCE, int8: SUB, squared before it is requantized; 7 more bits leave the square in 32. */
#ifndef TINYML_SQUARED_DIFFERENCE_H
#define TINYML_SQUARED_DIFFERENCE_H

#include "add.h"

__attribute__((always_inline)) static inline int32_t
squared_difference_element(int32_t a, int32_t b, const struct elementwise_parameters *p) {
    const int32_t difference = add_term(a, p->offset_1, p->left_shift, p->multiplier_1, p->shift_1) -
                               add_term(b, p->offset_2, p->left_shift, p->multiplier_2, p->shift_2);
    return requantize(difference * difference, p->output_multiplier, p->output_shift) + p->output_zero_point;
}

__attribute__((always_inline)) static inline void
squared_difference(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                   struct elementwise_parameters p) {
    elementwise(squared_difference_element, input_1, input_2, output, p);
}

#endif
