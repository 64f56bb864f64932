/* SUM and MEAN, int16; where it is the mean, the division by the count is part of the multiplier. */
#ifndef TINYML_SUM_INT16_H
#define TINYML_SUM_INT16_H

#include "reduction.h"
#include "requantize_int16x8.h"

/* input [outer, count, inner] -> output [outer, inner] */
__attribute__((always_inline)) static inline void sum_int16(const void *input_halves, void *output_halves,
                                                            struct reduction_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t outer = 0; outer < p.outer; outer++, input += p.count * p.inner) {
        for (int32_t inner = 0; inner < p.inner; inner++) {
            const int16_t *at = input + inner;
            int32_t sum = 0;
            for (int32_t i = 0; i < p.count; i++, at += p.inner) sum += *at;
            *output++ = (int16_t)clamp_int16(requantize(sum, p.multiplier, p.shift), INT16_MIN, INT16_MAX);
        }
    }
}

#endif
