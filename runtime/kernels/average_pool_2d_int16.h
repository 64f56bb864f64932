/* AVERAGE_POOL_2D, int16: the mean of the inputs inside, rounded to nearest, ties away from zero. */
#ifndef TINYML_AVERAGE_POOL_2D_INT16_H
#define TINYML_AVERAGE_POOL_2D_INT16_H

#include "pool.h"
#include "requantize_int16x8.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, C] */
__attribute__((always_inline)) static inline void average_pool_2d_int16(const void *input_halves, void *output_halves,
                                                                        struct pool_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct window w = pool_window(y, x, &p);
            const int32_t count = (w.bottom - w.top) * (w.right - w.left);
            for (int32_t c = 0; c < p.channels; c++) {
                int32_t sum = 0;
                for (int32_t iy = w.top; iy < w.bottom; iy++) {
                    const int16_t *at = input + (iy * p.input_width + w.left) * p.channels + c;
#pragma GCC unroll unroll_4
                    for (int32_t ix = w.left; ix < w.right; ix++, at += p.channels) sum += *at;
                }
                const int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
                *output++ = (int16_t)clamp_int16(mean, p.output_min, p.output_max);
            }
        }
    }
}

#endif
