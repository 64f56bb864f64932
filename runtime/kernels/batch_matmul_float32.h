/* BATCH_MATMUL, float32: products of matrices that are both computed, either of them transposed, with broadcasting. */
#ifndef TINYML_BATCH_MATMUL_FLOAT32_H
#define TINYML_BATCH_MATMUL_FLOAT32_H

#include "batch_matmul.h"
#include "float32.h"

/* left [rows, depth], right [depth, columns] -> output [rows, columns] */
__attribute__((always_inline)) static inline float *matmul_float32(const float *left, const float *right, float *output,
                                                                   const struct batch_matmul_parameters *p) {
    for (int32_t row = 0; row < p->rows; row++)
        for (int32_t column = 0; column < p->columns; column++) {
            const float *a = left + row * p->left_row, *b = right + column * p->right_column;
            float sum = 0.0f;
            for (int32_t k = 0; k < p->depth; k++) sum = multiply_add(a[k * p->left_column], b[k * p->right_row], sum);
            *output++ = sum;
        }
    return output;
}

__attribute__((always_inline)) static inline void batch_matmul_float32(const void *left, const void *right, void *output,
                                                                       struct batch_matmul_parameters p) {
    float *to = (float *)output;
    for (int32_t i = 0; i < p.batches[0]; i++)
        for (int32_t j = 0; j < p.batches[1]; j++)
            for (int32_t k = 0; k < p.batches[2]; k++)
                to = matmul_float32(
                    (const float *)left + i * p.left_strides[0] + j * p.left_strides[1] + k * p.left_strides[2],
                    (const float *)right + i * p.right_strides[0] + j * p.right_strides[1] + k * p.right_strides[2], to,
                    &p);
}

#endif
