/* SUM, int8. */
#ifndef TINYML_SUM_H
#define TINYML_SUM_H

#include "reduction.h"

__attribute__((always_inline)) static inline void sum(const int8_t *input, int8_t *output,
                                                      struct reduction_parameters p) {
    reduction(combine_sum, 0, finish_requantized, input, output, p);
}

#endif
