/* AVERAGE_POOL_2D of a whole image, int8, whose rows come a few at a time. */
#ifndef TINYML_AVERAGE_POOL_ROWS_H
#define TINYML_AVERAGE_POOL_ROWS_H

#include "memory.h"
#include "requantize.h"

struct average_pool_rows_parameters {
    int32_t height, width, channels; /* of the whole image */
    int32_t first_row, rows; /* of this call */
    int32_t output_min, output_max;
};

/* input [rows, W, C]; output [C], written with the last row; scratch: a sum of 32 bits by channel, aligned, kept between
 * the calls. */
__attribute__((always_inline)) static inline void average_pool_rows(const int8_t *input, int8_t *output,
                                                                    int8_t *scratch,
                                                                    struct average_pool_rows_parameters p) {
    const int32_t count = p.height * p.width, pixels = p.rows * p.width;
    int32_t *sums = __builtin_assume_aligned(scratch, 4);
    for (int32_t c = 0; c < p.channels; c++) {
        int32_t sum = 0;
        if (p.first_row > 0) memcpy(&sum, sums + c, sizeof sum);
        const int8_t *at = input + c;
#pragma GCC unroll 4
        for (int32_t pixel = 0; pixel < pixels; pixel++, at += p.channels) sum += *at;
        memcpy(sums + c, &sum, sizeof sum);
        if (p.first_row + p.rows < p.height) continue;
        const int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
        output[c] = (int8_t)clamp(mean, p.output_min, p.output_max);
    }
}

#endif
