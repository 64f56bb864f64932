/* MAXIMUM, int16, all of one scale. */
#ifndef TINYML_MAXIMUM_INT16_H
#define TINYML_MAXIMUM_INT16_H

#include "maximum.h"
#include "elementwise_int16.h"

__attribute__((always_inline)) static inline void
maximum_int16(const void *input_1, const void *input_2, void *output, struct elementwise_parameters p) {
    elementwise_int16(maximum_element, input_1, input_2, output, p);
}

#endif
