/* SUM and MEAN, int8, in graphs that round once; a division by the count is part of the multiplier. */
#ifndef TINYML_SUM_ONCE_H
#define TINYML_SUM_ONCE_H

#include "reduction.h"
#include "round_once.h"

__attribute__((always_inline)) static inline int32_t finish_once(int32_t combined, const struct reduction_parameters *p) {
    return clamp(requantize_once(combined + p->offset, p->multiplier, 0, 0) + p->output_zero_point, INT8_MIN, INT8_MAX);
}

__attribute__((always_inline)) static inline void sum_once(const int8_t *input, int8_t *output,
                                                           struct reduction_parameters p) {
    reduction(combine_sum, 0, finish_once, input, output, p);
}

#endif
