/* AVERAGE_POOL_2D, int8, Helium: eight channels at a time, for windows whose sums fit half-words: up to 256 inputs. */
#ifndef TINYML_AVERAGE_POOL_2D_MVE_H
#define TINYML_AVERAGE_POOL_2D_MVE_H

#include "memory.h"
#include "pool.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

/* The sums of the first count (at most 8) channels over rows x columns pixels, row_bytes and channels apart. */
__attribute__((always_inline)) static inline void sum_8(const int8_t *from, int32_t count, int32_t rows, int32_t row_bytes,
                                                        int32_t columns, int32_t channels, int16_t sums[8]) {
#if defined(__ARM_FEATURE_MVE)
    const mve_pred16_t used = vctp16q((uint32_t)count);
    int16x8_t all = vdupq_n_s16(0);
    for (; rows > 0; rows--, from += row_bytes) {
        const int8_t *at = from;
        for (int32_t column = 0; column < columns; column++, at += channels)
            all = vaddq_s16(all, channels % 8 == 0 ? vldrbq_s16(at) : vldrbq_z_s16(at, used));
    }
    vstrhq_s16(sums, all);
#else
    for (int32_t i = 0; i < 8; i++) sums[i] = 0;
    for (int32_t row = 0; row < rows; row++)
        for (int32_t column = 0; column < columns; column++)
            for (int32_t i = 0; i < 8 && i < count; i++)
                sums[i] = (int16_t)(sums[i] + from[row * row_bytes + column * channels + i]);
#endif
}

/* input [H, W, C] -> output [OH, OW, C] */
__attribute__((always_inline)) static inline void average_pool_2d_mve(const int8_t *input, int8_t *output,
                                                                      struct pool_parameters p) {
    for (int32_t position = 0; position < p.batches * p.output_height; position++) {
        const int32_t y = position % p.output_height;
        if (position > 0 && y == 0) input += p.input_height * p.input_width * p.channels;
        for (int32_t x = 0; x < p.output_width; x++) {
            const struct window w = pool_window(y, x, &p);
            const int32_t rows = w.bottom - w.top, columns = w.right - w.left;
            const int32_t count = rows * columns, half = count / 2;
            /* Windows as wide as the image are one run of pixels. */
            const int32_t is_run = columns == p.input_width;
            const int8_t *from = input + (w.top * p.input_width + w.left) * p.channels;
            for (int32_t c = 0; c < p.channels; c += 8) {
                int16_t sums[8];
                sum_8(from + c, p.channels - c, is_run ? 1 : rows, p.input_width * p.channels, is_run ? count : columns,
                      p.channels, sums);
                const int16_t *sum = sums;
                const int16_t *end = sums + (p.channels - c < 8 ? p.channels - c : 8);
                __asm__("" : "+r"(sum), "+r"(end)); /* or gcc 12 writes it eight times where speed is wanted */
                for (; sum != end; sum++) {
                    const int32_t mean = (*sum > 0 ? *sum + half : *sum - half) / count;
                    *output++ = (int8_t)clamp(mean, p.output_min, p.output_max);
                }
            }
        }
    }
}

#endif
