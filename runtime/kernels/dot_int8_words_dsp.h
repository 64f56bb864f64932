/* Dot products of one input vector with up to four channels, DSP extension, for short vectors within many loops. */
#ifndef TINYML_DOT_INT8_WORDS_DSP_H
#define TINYML_DOT_INT8_WORDS_DSP_H

#include "dot_int16x8_dsp.h"
#include "unroll.h"

/* As dot_int8_dsp, weights in the same order, but they may lie anywhere, and instructions are single: for a block of
 * thirteen registers gcc does not find enough within the loops around it. */
__attribute__((always_inline)) static inline const int8_t *
dot_int8_words_dsp(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
                   int32_t channels, int32_t sums[max_pixels][max_channels]) {
    (void)pixels;
    const int8_t *start = fields[0].start;
    int32_t *const sum = sums[0];
    for (int32_t row = 0; row < rows; row++, start += fields[0].stride) {
        const int8_t *at = start;
#pragma GCC unroll unroll_4
        for (int32_t block = 0; block < length / 4; block++, at += 4) {
            const uint32_t word = load_word(at), even = extend_even(word), odd = extend_odd(word);
#pragma GCC unroll 4
            for (int32_t c = 0; c < channels; c++, weights += 4) {
                const uint32_t weight = load_word(weights);
                sum[c] = add_products(odd, extend_odd(weight), add_products(even, extend_even(weight), sum[c]));
            }
            __asm__("" ::: "memory"); /* block by block: the scheduler does not count registers */
        }
        for (int32_t k = 0; k < length % 4; k++)
#pragma GCC unroll 4
            for (int32_t c = 0; c < channels; c++) sum[c] += at[k] * *weights++;
    }
    return weights;
}

#endif
