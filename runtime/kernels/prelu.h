/* PRELU, int8: input 2 holds the slopes for what is negative. */
#ifndef TINYML_PRELU_H
#define TINYML_PRELU_H

#include "elementwise.h"

__attribute__((always_inline)) static inline int32_t prelu_element(int32_t a, int32_t b,
                                                                   const struct elementwise_parameters *p) {
    const int32_t input = a + p->offset_1;
    const int32_t scaled = input >= 0 ? requantize(input, p->multiplier_1, p->shift_1)
                                      : requantize(input * (b + p->offset_2), p->multiplier_2, p->shift_2);
    return scaled + p->output_zero_point;
}

__attribute__((always_inline)) static inline void
prelu(const int8_t *input_1, const int8_t *input_2, int8_t *output,
      struct elementwise_parameters p) {
    elementwise(prelu_element, input_1, input_2, output, p);
}

#endif
