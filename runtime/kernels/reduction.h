/* The walk that reductions share: input [outer, count, inner] -> output [outer, inner]. */
#ifndef TINYML_REDUCTION_H
#define TINYML_REDUCTION_H

#include "requantize.h"

struct reduction_parameters {
    int32_t outer, count, inner;
    int32_t offset; /* added to the sum: minus count times the zero point */
    int32_t multiplier, shift; /* right shift */
    int32_t output_zero_point;
};

typedef int32_t combine_function(int32_t so_far, int32_t value);
typedef int32_t finish_function(int32_t combined, const struct reduction_parameters *p);

__attribute__((always_inline)) static inline void reduction(combine_function *combine, int32_t start,
                                                            finish_function *finish, const int8_t *input,
                                                            int8_t *output, struct reduction_parameters p) {
    for (int32_t outer = 0; outer < p.outer; outer++, input += p.count * p.inner) {
        for (int32_t inner = 0; inner < p.inner; inner++) {
            const int8_t *at = input + inner;
            int32_t combined = start;
            for (int32_t i = 0; i < p.count; i++, at += p.inner) combined = combine(combined, *at);
            *output++ = (int8_t)finish(combined, &p);
        }
    }
}

__attribute__((always_inline)) static inline int32_t combine_sum(int32_t so_far, int32_t value) {
    return so_far + value;
}

__attribute__((always_inline)) static inline int32_t finish_requantized(int32_t combined,
                                                                        const struct reduction_parameters *p) {
    const int32_t value = requantize(combined + p->offset, p->multiplier, p->shift) + p->output_zero_point;
    return clamp(value, INT8_MIN, INT8_MAX);
}

__attribute__((always_inline)) static inline int32_t finish_as_is(int32_t combined,
                                                                  const struct reduction_parameters *p) {
    (void)p;
    return combined;
}

#endif
