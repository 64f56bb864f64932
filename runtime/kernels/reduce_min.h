/* REDUCE_MIN, int8, input and output of one scale. */
#ifndef TINYML_REDUCE_MIN_H
#define TINYML_REDUCE_MIN_H

#include "reduction.h"

__attribute__((always_inline)) static inline int32_t combine_min(int32_t so_far, int32_t value) {
    return value < so_far ? value : so_far;
}

__attribute__((always_inline)) static inline void reduce_min(const int8_t *input, int8_t *output,
                                                             struct reduction_parameters p) {
    reduction(combine_min, INT8_MAX, finish_as_is, input, output, p);
}

#endif
