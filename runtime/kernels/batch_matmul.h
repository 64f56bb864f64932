/* BATCH_MATMUL, int8: products of matrices that are both computed, either of them transposed, with broadcasting. */
#ifndef TINYML_BATCH_MATMUL_H
#define TINYML_BATCH_MATMUL_H

#include "requantize.h"
#include "round_once.h"

struct batch_matmul_parameters {
    int32_t batches[3], left_strides[3], right_strides[3]; /* outermost first; a stride of 0 repeats */
    int32_t rows, depth, columns;
    int32_t left_row, left_column, right_row, right_column; /* steps between neighbouring rows and columns */
    int32_t left_offset, right_offset; /* added to the inputs: minus their zero points */
    int32_t multiplier, shift; /* right shift */
    int32_t output_zero_point;
    int32_t once; /* as for convolutions */
};

/* left [rows, depth], right [depth, columns] -> output [rows, columns] */
__attribute__((always_inline)) static inline int8_t *matmul(const int8_t *left, const int8_t *right, int8_t *output,
                                                            const struct batch_matmul_parameters *p) {
    for (int32_t row = 0; row < p->rows; row++)
        for (int32_t column = 0; column < p->columns; column++) {
            const int8_t *a = left + row * p->left_row, *b = right + column * p->right_column;
            int32_t sum = 0;
            for (int32_t k = 0; k < p->depth; k++)
                sum += (a[k * p->left_column] + p->left_offset) * (b[k * p->right_row] + p->right_offset);
            const int32_t value = (p->once ? requantize_once(sum, p->multiplier, 0, 0)
                                           : requantize(sum, p->multiplier, p->shift)) + p->output_zero_point;
            *output++ = (int8_t)clamp(value, INT8_MIN, INT8_MAX);
        }
    return output;
}

__attribute__((always_inline)) static inline void batch_matmul(const int8_t *left, const int8_t *right, int8_t *output,
                                                               struct batch_matmul_parameters p) {
    for (int32_t i = 0; i < p.batches[0]; i++)
        for (int32_t j = 0; j < p.batches[1]; j++)
            for (int32_t k = 0; k < p.batches[2]; k++)
                output = matmul(left + i * p.left_strides[0] + j * p.left_strides[1] + k * p.left_strides[2],
                                right + i * p.right_strides[0] + j * p.right_strides[1] + k * p.right_strides[2],
                                output, &p);
}

#endif
