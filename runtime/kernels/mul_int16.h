/* MUL, int16: the product of both inputs, requantized. */
#ifndef TINYML_MUL_INT16_H
#define TINYML_MUL_INT16_H

#include "mul.h"
#include "elementwise_int16.h"

__attribute__((always_inline)) static inline void
mul_int16(const void *input_1, const void *input_2, void *output, struct elementwise_parameters p) {
    elementwise_int16(mul_element, input_1, input_2, output, p);
}

#endif
