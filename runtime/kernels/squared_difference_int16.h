/* SQUARED_DIFFERENCE, int16: SUB, squared before it is requantized. */
#ifndef TINYML_SQUARED_DIFFERENCE_INT16_H
#define TINYML_SQUARED_DIFFERENCE_INT16_H

#include "squared_difference.h"
#include "elementwise_int16.h"

__attribute__((always_inline)) static inline void
squared_difference_int16(const void *input_1, const void *input_2, void *output, struct elementwise_parameters p) {
    elementwise_int16(squared_difference_element, input_1, input_2, output, p);
}

#endif
