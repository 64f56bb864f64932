/* FULLY_CONNECTED with one scale for all weights, int8, Armv6-M: four outputs at a time. */
#ifndef TINYML_FULLY_CONNECTED_V6M_H
#define TINYML_FULLY_CONNECTED_V6M_H

#include "dense.h"
#include "dot_int8_v6m.h"

/* Where code need not be small, outputs come straight from the registers of their sums. */
#if defined(__OPTIMIZE_SIZE__)
enum { unroll_outputs = 1 };
#else
enum { unroll_outputs = 4 };
#endif

/* One for all layers. */
__attribute__((noinline, unused)) static int32_t sum_of_inputs_v6m(const int8_t *input, int32_t count) {
    int32_t sum = 0;
    for (int32_t k = 0; k < count; k++) sum += input[k];
    return sum;
}

/* input [batches, inputs] -> output [batches, outputs]. Weights plus 128: for each four outputs [inputs][4], then the
 * outputs left over one by one. */
__attribute__((always_inline)) static inline void fully_connected_v6m(const int8_t *input, int8_t *output,
                                                                      const int8_t *weights, const int32_t *bias,
                                                                      struct dense_parameters p) {
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.inputs) {
        const int32_t lower = sum_of_inputs_v6m(input, p.inputs) * biased_weight;
        const int8_t *weight = weights;
        const int32_t *next = bias;
        int32_t groups = p.outputs / 4;
        if (groups > 0) {
            __asm__("" : "+r"(groups)); /* not known: the compiler would unroll few of them */
            do {
                int32_t sums[4] = {next[0], next[1], next[2], next[3]};
                const int8_t *at = input;
                dot_1x4_v6m(&at, p.inputs, &weight, &sums[0], &sums[1], &sums[2], &sums[3]);
                next += 4;
#pragma GCC unroll unroll_outputs
                for (int32_t i = 0; i < 4; i++) *output++ = dense_output(sums[i] - lower, &p);
            } while (--groups > 0);
        }
#pragma GCC unroll 1
        for (int32_t left = 0; left < p.outputs % 4; left++) {
            int32_t sum = *next++ - lower;
#pragma GCC unroll 1
            for (int32_t k = 0; k < p.inputs; k++) sum += input[k] * (uint8_t)*weight++;
            *output++ = dense_output(sum, &p);
        }
    }
}

#endif
