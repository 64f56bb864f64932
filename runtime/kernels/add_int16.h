/* ADD, int16: both inputs brought to one scale, added, requantized. */
#ifndef TINYML_ADD_INT16_H
#define TINYML_ADD_INT16_H

#include "add.h"
#include "elementwise_int16.h"

__attribute__((always_inline)) static inline void
add_int16(const void *input_1, const void *input_2, void *output, struct elementwise_parameters p) {
    elementwise_int16(add_element, input_1, input_2, output, p);
}

#endif
