/* ADD, int8, by one line: two multiplications, one addition, one shift. The generator has proven it for every pair of
 * inputs. */
#ifndef TINYML_ADD_LINE_H
#define TINYML_ADD_LINE_H

#include "elementwise.h"
#include "unroll.h"

__attribute__((always_inline)) static inline int8_t add_line_element(int32_t a, int32_t b,
                                                                     const struct elementwise_parameters *p) {
    const int32_t sum = a * p->multiplier_1 + b * p->multiplier_2 + p->offset_1;
    return (int8_t)clamp_shifted(sum, p->output_shift, p->output_min, p->output_max);
}

__attribute__((always_inline)) static inline void add_line(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                           struct elementwise_parameters p) {
#pragma GCC unroll unroll_2
    for (int32_t i = 0; i < p.shape[3]; i++) output[i] = add_line_element(input_1[i], input_2[i], &p);
}

#endif
