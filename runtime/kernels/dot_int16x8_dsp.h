/* Dot products of int16 inputs with int8 weights, DSP extension: two inputs and two channels by one word of weights. */
#ifndef TINYML_DOT_INT16X8_DSP_H
#define TINYML_DOT_INT16X8_DSP_H

#include "dot_int8.h"
#include "simd.h"

/* sum + low(a) * low(b) + high(a) * high(b), signed half-words. */
static inline int32_t add_products(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
#endif
}

/* As dot_int16x8. Weights: for each row and two inputs, for each two channels four bytes: first and second channel at the
 * first input, then at the second; an odd last input by channel; a single channel as it is. */
__attribute__((always_inline)) static inline const int8_t *
dot_int16x8_dsp(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
                int32_t channels, int32_t sums[max_pixels][max_channels]) {
    const int8_t *row[max_pixels];
    for (int32_t p = 0; p < pixels; p++) row[p] = fields[p].start;
    for (int32_t ky = 0; ky < rows; ky++) {
        const int8_t *at[max_pixels];
        for (int32_t p = 0; p < pixels; p++) at[p] = row[p];
        if (channels % 2 == 0) {
#pragma GCC unroll unroll_4
            for (int32_t pair = 0; pair < length / 2; pair++) {
                uint32_t values[max_pixels];
#pragma GCC unroll 2
                for (int32_t p = 0; p < pixels; p++) {
                    values[p] = load_word(at[p]);
                    at[p] += 4;
                }
#pragma GCC unroll 4
                for (int32_t c = 0; c < channels; c += 2, weights += 4) {
                    const uint32_t word = load_word(weights), first = extend_even(word), second = extend_odd(word);
#pragma GCC unroll 2
                    for (int32_t p = 0; p < pixels; p++) {
                        sums[p][c] = add_products(values[p], first, sums[p][c]);
                        sums[p][c + 1] = add_products(values[p], second, sums[p][c + 1]);
                    }
                }
            }
        }
        for (int32_t k = channels % 2 == 0 ? length / 2 * 2 : 0; k < length; k++, weights += channels)
#pragma GCC unroll 2
            for (int32_t p = 0; p < pixels; p++) {
                const int32_t value = ((const int16_t *)(const void *)row[p])[k];
#pragma GCC unroll 8
                for (int32_t c = 0; c < channels; c++) sums[p][c] += value * weights[c];
            }
        for (int32_t p = 0; p < pixels; p++) row[p] += fields[p].stride;
    }
    return weights;
}

#endif
