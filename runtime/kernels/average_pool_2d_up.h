/* AVERAGE_POOL_2D, int8 that was uint8: the mean of the inputs inside, rounded to nearest, halves up. */
#ifndef TINYML_AVERAGE_POOL_2D_UP_H
#define TINYML_AVERAGE_POOL_2D_UP_H

#include "pool.h"
#include "unroll.h"

/* input [H, W, C] -> output [OH, OW, C] */
__attribute__((always_inline)) static inline void average_pool_2d_up(const int8_t *input, int8_t *output,
                                                                     struct pool_parameters p) {
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct window w = pool_window(y, x, &p);
            const int32_t count = (w.bottom - w.top) * (w.right - w.left);
            for (int32_t c = 0; c < p.channels; c++) {
                int32_t sum = 128 * count;
                for (int32_t iy = w.top; iy < w.bottom; iy++) {
                    const int8_t *at = input + (iy * p.input_width + w.left) * p.channels + c;
#pragma GCC unroll unroll_4
                    for (int32_t ix = w.left; ix < w.right; ix++, at += p.channels) sum += *at;
                }
                *output++ = (int8_t)clamp((sum + count / 2) / count - 128, p.output_min, p.output_max);
            }
        }
    }
}

#endif
