/* AVERAGE_POOL_2D, int8, in graphs that round once: the sum of the inputs inside, exact, times one float32 multiplier. */
#ifndef TINYML_AVERAGE_POOL_ONCE_H
#define TINYML_AVERAGE_POOL_ONCE_H

#include "pool.h"
#include "round_once.h"
#include "unroll.h"

struct average_pool_once_parameters {
    int32_t batches;
    int32_t input_height, input_width, channels;
    int32_t output_height, output_width;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t padding_top, padding_left;
    int32_t output_min, output_max;
    int32_t input_zero_point, output_zero_point;
    int32_t multiplier; /* bits of input scale / output scale */
};

/* input [H, W, C] -> output [OH, OW, C] */
__attribute__((always_inline)) static inline void average_pool_once(const int8_t *input, int8_t *output,
                                                                    struct average_pool_once_parameters p) {
    const struct pool_parameters pool = {p.batches,       p.input_height,  p.input_width,   p.channels,
                                         p.output_height, p.output_width,  p.filter_height, p.filter_width,
                                         p.stride_height, p.stride_width,  p.padding_top,   p.padding_left,
                                         p.output_min,    p.output_max};
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct window w = pool_window(y, x, &pool);
            const int32_t count = (w.bottom - w.top) * (w.right - w.left);
            const float scale = rounded_float(float_of_bits(p.multiplier) / (float)count);
            for (int32_t c = 0; c < p.channels; c++) {
                int32_t sum = -count * p.input_zero_point;
                for (int32_t iy = w.top; iy < w.bottom; iy++) {
                    const int8_t *at = input + (iy * p.input_width + w.left) * p.channels + c;
#pragma GCC unroll unroll_4
                    for (int32_t ix = w.left; ix < w.right; ix++, at += p.channels) sum += *at;
                }
                const int32_t mean = round_to_even(rounded_float((float)sum * scale)) + p.output_zero_point;
                *output++ = (int8_t)clamp(mean, p.output_min, p.output_max);
            }
        }
    }
}

#endif
