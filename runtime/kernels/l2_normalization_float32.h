/* L2_NORMALIZATION, float32. */
#ifndef TINYML_L2_NORMALIZATION_FLOAT32_H
#define TINYML_L2_NORMALIZATION_FLOAT32_H

#include "softmax_float32.h"
#include "square_root_float32.h"

/* Over the last dimension: input [rows, depth]. output may be input. */
__attribute__((always_inline)) static inline void l2_normalization_float32(const void *input, void *output,
                                                                           struct rows_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t row = 0; row < p.rows; row++, from += p.depth, to += p.depth) {
        float sum = 0.0f;
        for (int32_t i = 0; i < p.depth; i++) sum = multiply_add(from[i], from[i], sum);
        float length = square_root_float32(sum);
        if (length < 1e-6f) length = 1e-6f; /* zeros stay zeros */
        for (int32_t i = 0; i < p.depth; i++) to[i] = from[i] / length;
    }
}

#endif
