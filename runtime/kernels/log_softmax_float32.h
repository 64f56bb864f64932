/* LOG_SOFTMAX, float32. */
#ifndef TINYML_LOG_SOFTMAX_FLOAT32_H
#define TINYML_LOG_SOFTMAX_FLOAT32_H

#include "logarithm_float32.h"
#include "softmax_float32.h"

/* Over the last dimension: input [rows, depth]. output may be input. */
__attribute__((always_inline)) static inline void log_softmax_float32(const void *input, void *output,
                                                                      struct rows_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t row = 0; row < p.rows; row++, from += p.depth, to += p.depth) {
        const float largest = largest_of(from, p.depth);
        float sum = 0.0f;
        for (int32_t i = 0; i < p.depth; i++) sum += exponential_float32(from[i] - largest);
        const float logarithm = logarithm_float32(sum);
        for (int32_t i = 0; i < p.depth; i++) to[i] = from[i] - largest - logarithm;
    }
}

#endif
