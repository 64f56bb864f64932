/* SUB, int16: both inputs brought to one scale, subtracted, requantized. */
#ifndef TINYML_SUB_INT16_H
#define TINYML_SUB_INT16_H

#include "sub.h"
#include "elementwise_int16.h"

__attribute__((always_inline)) static inline void
sub_int16(const void *input_1, const void *input_2, void *output, struct elementwise_parameters p) {
    elementwise_int16(sub_element, input_1, input_2, output, p);
}

#endif
