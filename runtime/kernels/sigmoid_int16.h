/* LOGISTIC and TANH, int16: between the points of a table of the logistic function. */
#ifndef TINYML_SIGMOID_INT16_H
#define TINYML_SIGMOID_INT16_H

#include <stdint.h>

struct sigmoid_parameters {
    int32_t count;
    int32_t multiplier, shift; /* to a scale of which 24 * 2^9 (LOGISTIC) or 24 * 2^8 (TANH) is one */
    int32_t hyperbolic; /* 1: TANH */
};

/* table[i]: the logistic function of i / 24, Q16, less 2^15. output may be input. */
__attribute__((always_inline)) static inline void sigmoid_int16(const void *input_halves, void *output_halves,
                                                                const int16_t *table, struct sigmoid_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t round = p.shift > 0 ? 1 << (p.shift - 1) : 0;
    const int32_t bits = p.hyperbolic ? 8 : 9; /* of the way from one point to the next */
    for (int32_t i = 0; i < p.count; i++) {
        const int32_t x = (input[i] * p.multiplier + round) >> p.shift;
        const uint32_t magnitude = (uint32_t)(x < 0 ? -x : x), index = magnitude >> bits;
        uint32_t result = p.hyperbolic ? 0xffffu << 8 : 0x7fffu << 10;
        if (index < 255) {
            const int32_t from = table[index] + 32768, to = table[index + 1] + 32768;
            const uint32_t way = magnitude & ((1u << bits) - 1);
            result = ((uint32_t)from << bits) + way * (uint32_t)(to - from);
        }
        if (p.hyperbolic) {
            const int32_t half = (int32_t)result - (1 << 23);
            output[i] = (int16_t)((x >= 0 ? half + (1 << 7) : -half + (1 << 7) - 1) >> 8);
        } else {
            output[i] = (int16_t)((x >= 0 ? result + (1u << 9) : (1u << 25) - result + (1u << 9) - 1) >> 10);
        }
    }
}

#endif
