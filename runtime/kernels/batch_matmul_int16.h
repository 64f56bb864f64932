/* BATCH_MATMUL, int16: products of matrices that are both computed, with sums of 64 bits, rounded once. */
#ifndef TINYML_BATCH_MATMUL_INT16_H
#define TINYML_BATCH_MATMUL_INT16_H

#include "batch_matmul.h"
#include "requantize_int16x8.h"

/* left [rows, depth], right [depth, columns] -> output [rows, columns]; multiplier of 15 bits. */
__attribute__((always_inline)) static inline int16_t *matmul_int16(const int16_t *left, const int16_t *right,
                                                                   int16_t *output,
                                                                   const struct batch_matmul_parameters *p) {
    for (int32_t row = 0; row < p->rows; row++)
        for (int32_t column = 0; column < p->columns; column++) {
            const int16_t *a = left + row * p->left_row, *b = right + column * p->right_column;
            int64_t sum = 0;
            for (int32_t k = 0; k < p->depth; k++) sum += a[k * p->left_column] * b[k * p->right_row];
            *output++ = (int16_t)clamp_int16(multiply_and_shift(sum, p->multiplier, p->shift), INT16_MIN, INT16_MAX);
        }
    return output;
}

__attribute__((always_inline)) static inline void batch_matmul_int16(const void *left, const void *right,
                                                                     void *output_halves,
                                                                     struct batch_matmul_parameters p) {
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.batches[0]; i++)
        for (int32_t j = 0; j < p.batches[1]; j++)
            for (int32_t k = 0; k < p.batches[2]; k++)
                output = matmul_int16(
                    (const int16_t *)left + i * p.left_strides[0] + j * p.left_strides[1] + k * p.left_strides[2],
                    (const int16_t *)right + i * p.right_strides[0] + j * p.right_strides[1] + k * p.right_strides[2],
                    output, &p);
}

#endif
