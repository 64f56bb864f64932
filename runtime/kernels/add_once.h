/* ADD, int8, in graphs that round once. */
#ifndef TINYML_ADD_ONCE_H
#define TINYML_ADD_ONCE_H

#include "elementwise_once.h"

__attribute__((always_inline)) static inline int32_t add_once_element(int32_t a, int32_t b,
                                                                      const struct elementwise_parameters *p) {
    return real_output(first_real(a, p) + second_real(b, p), p);
}

__attribute__((always_inline)) static inline void add_once(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                           struct elementwise_parameters p) {
    elementwise(add_once_element, input_1, input_2, output, p);
}

#endif
