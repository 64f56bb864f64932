/* Register-blocked dot products with the DSP extension: four inputs a word, two multiplications an instruction. */
#ifndef TINYML_DOT_INT8_DSP_H
#define TINYML_DOT_INT8_DSP_H

#include "dot_int8.h"
#include "memory.h"
#include "simd.h"

/* As dot_int8. Weights: for each row [length / 4][channels][4], then [length % 4][channels]. */
__attribute__((always_inline)) static inline const int8_t *
dot_int8_dsp(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
             int32_t channels, int32_t sums[max_pixels][max_channels]) {
    const int8_t *input[max_pixels];
    for (int32_t p = 0; p < pixels; p++) input[p] = fields[p].start;
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *at[max_pixels];
#pragma GCC unroll 2
        for (int32_t p = 0; p < pixels; p++) at[p] = input[p];
#pragma GCC unroll 2
        for (int32_t block = 0; block < length / 4; block++) {
            uint32_t even[max_pixels], odd[max_pixels];
#pragma GCC unroll 2
            for (int32_t p = 0; p < pixels; p++) {
                const uint32_t word = load_word(at[p]);
                at[p] += 4;
                even[p] = extend_even(word);
                odd[p] = extend_odd(word);
            }
#pragma GCC unroll 8
            for (int32_t c = 0; c < channels; c++) {
                const uint32_t word = load_word(weights);
                weights += 4;
                if (pixels == 2)
                    dot_word_pair(even, odd, word, &sums[0][c], &sums[1][c]);
                else
                    dot_word(even[0], odd[0], word, &sums[0][c]);
            }
        }
#pragma GCC unroll 4
        for (int32_t k = 0; k < length % 4; k++)
#pragma GCC unroll 8
            for (int32_t c = 0; c < channels; c++) {
                const int32_t weight = *weights++;
#pragma GCC unroll 2
                for (int32_t p = 0; p < pixels; p++) sums[p][c] += at[p][k] * weight;
            }
        for (int32_t p = 0; p < pixels; p++) input[p] += fields[p].stride;
    }
    return weights;
}

#endif
