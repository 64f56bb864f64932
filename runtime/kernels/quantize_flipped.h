/* QUANTIZE between int8 and uint8 of the same scale, with zero points 128 apart: the top bit of each byte turned around. */
#ifndef TINYML_QUANTIZE_FLIPPED_H
#define TINYML_QUANTIZE_FLIPPED_H

#include "memory.h"
#include "unroll.h"

struct quantize_flipped_parameters {
    int32_t count;
};

/* Both word-aligned; output may be input. */
__attribute__((always_inline)) static inline void quantize_flipped(const int8_t *input, int8_t *output,
                                                                   struct quantize_flipped_parameters p) {
    const int8_t *from = __builtin_assume_aligned(input, 4);
    int8_t *to = __builtin_assume_aligned(output, 4);
#pragma GCC unroll unroll_4
    for (int32_t i = 0; i < p.count / 4; i++) {
        uint32_t word;
        memcpy(&word, from + 4 * i, sizeof word);
        word ^= 0x80808080u;
        memcpy(to + 4 * i, &word, sizeof word);
    }
    for (int32_t i = p.count / 4 * 4; i < p.count; i++) to[i] = (int8_t)(from[i] ^ -128);
}

#endif
