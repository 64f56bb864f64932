/* FULLY_CONNECTED with one scale for all weights, int8, Armv7-M without the DSP extension: eight outputs at a time. */
#ifndef TINYML_FULLY_CONNECTED_V7M_H
#define TINYML_FULLY_CONNECTED_V7M_H

#include <string.h>

#include "dense.h"
#include "dot_int8_v7m.h"

/* input [batches, inputs] -> output [batches, outputs]. Weights: for each eight outputs [inputs][8], then the outputs
 * left over one by one. */
__attribute__((always_inline)) static inline void fully_connected_v7m(const int8_t *input, int8_t *output,
                                                                      const int8_t *weights, const int32_t *bias,
                                                                      struct dense_parameters p) {
    __asm__("" : "+r"(p.multiplier)); /* not known: it stays in a register instead of being made anew */
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.inputs) {
        const int8_t *weight = weights;
        const int32_t *next = bias;
        int32_t groups = p.outputs / 8;
        if (groups > 0) __asm__("" : "+r"(groups)); /* not known: the compiler would unroll few of them */
#pragma GCC unroll 1
        for (; groups > 0; groups--) {
            int32_t sums[8];
            memcpy(sums, next, sizeof sums);
            next += 8;
            weight = dot_1x8_v7m(input, p.inputs, weight, sums);
#pragma GCC unroll 1
            for (int32_t i = 0; i < 8; i++) *output++ = dense_output(sums[i], &p);
        }
        int32_t left = p.outputs % 8;
        if (left > 0) __asm__("" : "+r"(left));
#pragma GCC unroll 1
        for (; left > 0; left--) {
            int32_t sum = *next++;
#pragma GCC unroll 1
            for (int32_t k = 0; k < p.inputs; k++) sum += input[k] * *weight++;
            *output++ = dense_output(sum, &p);
        }
    }
}

#endif
