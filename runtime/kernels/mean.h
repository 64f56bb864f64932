/* MEAN, int8; the division by the count is part of the multiplier. */
#ifndef TINYML_MEAN_H
#define TINYML_MEAN_H

#include "reduction.h"

__attribute__((always_inline)) static inline void mean(const int8_t *input, int8_t *output,
                                                       struct reduction_parameters p) {
    reduction(combine_sum, 0, finish_requantized, input, output, p);
}

#endif
