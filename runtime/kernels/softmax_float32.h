/* SOFTMAX, float32. */
#ifndef TINYML_SOFTMAX_FLOAT32_H
#define TINYML_SOFTMAX_FLOAT32_H

#include "exponential_float32.h"

struct rows_float32_parameters {
    int32_t rows, depth;
};

__attribute__((always_inline)) static inline float largest_of(const float *from, int32_t count) {
    float largest = from[0];
    for (int32_t i = 1; i < count; i++)
        if (from[i] > largest) largest = from[i];
    return largest;
}

/* Over the last dimension: input [rows, depth]. output may be input. */
__attribute__((always_inline)) static inline void softmax_float32(const void *input, void *output, const float *beta,
                                                                  struct rows_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t row = 0; row < p.rows; row++, from += p.depth, to += p.depth) {
        const float largest = largest_of(from, p.depth);
        float sum = 0.0f;
        for (int32_t i = 0; i < p.depth; i++) {
            const float e = exponential_float32(*beta * (from[i] - largest));
            to[i] = e;
            sum += e;
        }
        for (int32_t i = 0; i < p.depth; i++) to[i] /= sum;
    }
}

#endif
