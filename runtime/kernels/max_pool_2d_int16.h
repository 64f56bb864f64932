/* MAX_POOL_2D, int16. */
#ifndef TINYML_MAX_POOL_2D_INT16_H
#define TINYML_MAX_POOL_2D_INT16_H

#include "pool.h"
#include "requantize_int16x8.h"

/* input [H, W, C] -> output [OH, OW, C] */
__attribute__((always_inline)) static inline void max_pool_2d_int16(const void *input_halves, void *output_halves,
                                                                    struct pool_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct window w = pool_window(y, x, &p);
            for (int32_t c = 0; c < p.channels; c++) {
                int32_t most = INT16_MIN;
                for (int32_t iy = w.top; iy < w.bottom; iy++) {
                    const int16_t *at = input + (iy * p.input_width + w.left) * p.channels + c;
                    for (int32_t ix = w.left; ix < w.right; ix++, at += p.channels) most = *at > most ? *at : most;
                }
                *output++ = (int16_t)clamp_int16(most, p.output_min, p.output_max);
            }
        }
    }
}

#endif
