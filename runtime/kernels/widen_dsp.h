/* Receptive fields of two pixels, widened to half-words: what the DSP extension's dual multiplications read. */
#ifndef TINYML_WIDEN_DSP_H
#define TINYML_WIDEN_DSP_H

#include "convolution.h"
#include "simd.h"
#include "unroll.h"

/* Where a pixel's widened inputs go: its even and odd half-words of every block of four, between the other pixel's. */
enum { widened_block = 16 };

/* count bytes, the last block filled up with zeros; returns behind the last block. */
__attribute__((always_inline)) static inline int8_t *widen(int8_t *to, const int8_t *from, int32_t count) {
#pragma GCC unroll unroll_2
    for (int32_t block = 0; block < count / 4; block++, to += widened_block) {
        const uint32_t word = load_word(from + 4 * block);
        store_word(to, extend_even(word));
        store_word(to + 4, extend_odd(word));
    }
    if (count % 4 != 0) {
        uint32_t word = 0;
        for (int32_t i = 0; i < count % 4; i++) word |= (uint32_t)(uint8_t)from[count / 4 * 4 + i] << (8 * i);
        store_word(to, extend_even(word));
        store_word(to + 4, extend_odd(word));
        to += widened_block;
    }
    return to;
}

/* The fields of output pixel `pixel` and the one behind it, interleaved by block; in the order of the walk, which advances
 * by as many. scratch: the widened fields, then one field's bytes. */
__attribute__((always_inline)) static inline void widen_pair(int8_t *scratch, const int8_t *input, int32_t pixel,
                                                             struct position *at,
                                                             const struct convolution_parameters *p) {
    const int32_t pixels = p->output_height * p->output_width;
    const int32_t row = p->filter_width * p->input_channels, size = p->filter_height * row, blocks = (size + 3) / 4;
    int8_t *patch = scratch + blocks * widened_block;
    for (int32_t i = 0; i < 2; i++) {
        const int32_t j = p->reverse ? 1 - i : i;
        if (pixel + j >= pixels) continue;
        int8_t *to = scratch + 8 * j;
        if (convolution_is_pointwise(p)) {
            widen(to, input + (pixel + j) * p->input_channels, size);
            continue;
        }
        const struct field field = convolution_field(input, patch, at->y, at->x, row % 4 != 0, p);
        if (row % 4 != 0)
            widen(to, field.start, size);
        else
            for (int32_t ky = 0; ky < p->filter_height; ky++) to = widen(to, field.start + ky * field.stride, row);
        advance(at, p);
    }
}

#endif
