/* SOFTMAX, int8, over the last dimension, in graphs that round once: exponentials of 31 bits, exact division. */
#ifndef TINYML_SOFTMAX_ONCE_H
#define TINYML_SOFTMAX_ONCE_H

#include "requantize.h"

struct softmax_once_parameters {
    int32_t rows, depth;
    int32_t steps; /* 2^20 / output scale, unsigned */
    int32_t output_zero_point;
};

/* exponentials[d] = exp(-d * scale), Q31. */
__attribute__((always_inline)) static inline void softmax_once(const int8_t *input, int8_t *output,
                                                               const int32_t *exponentials,
                                                               struct softmax_once_parameters p) {
    for (int32_t row = 0; row < p.rows; row++, input += p.depth, output += p.depth) {
        int32_t most = INT8_MIN;
        for (int32_t c = 0; c < p.depth; c++) most = input[c] > most ? input[c] : most;
        uint64_t sum = 0;
        for (int32_t c = 0; c < p.depth; c++) sum += (uint32_t)exponentials[most - input[c]];
        for (int32_t c = 0; c < p.depth; c++) {
            const uint64_t level = (uint64_t)(uint32_t)exponentials[most - input[c]] * (uint32_t)p.steps / sum;
            const int64_t whole = (int64_t)((level + (1u << 19)) >> 20) + p.output_zero_point;
            output[c] = (int8_t)(whole > INT8_MAX ? INT8_MAX : whole < INT8_MIN ? INT8_MIN : whole);
        }
    }
}

#endif
