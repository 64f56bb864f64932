/* Operators of one int16 input that are two straight lines through zero: LEAKY_RELU, RELU, RELU6, ABS, QUANTIZE to another
 * scale. */
#ifndef TINYML_SLOPES_INT16_H
#define TINYML_SLOPES_INT16_H

#include "requantize_int16x8.h"

struct slopes_parameters {
    int32_t count;
    int32_t multiplier, shift; /* right shift */
    int32_t negative_multiplier, negative_shift; /* for inputs below zero */
    int32_t mirrored; /* 1: inputs below zero count as their opposites */
    int32_t falling; /* 1: what comes from inputs below zero is turned around */
    int32_t output_min, output_max;
};

/* output may be input. */
__attribute__((always_inline)) static inline void slopes_int16(const void *input_halves, void *output_halves,
                                                               struct slopes_parameters p) {
    const int16_t *input = input_halves;
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.count; i++) {
        const int32_t x = input[i];
        int32_t value;
        if (x >= 0) {
            value = requantize(x, p.multiplier, p.shift);
        } else {
            value = requantize(p.mirrored ? -x : x, p.negative_multiplier, p.negative_shift);
            if (p.falling) value = -value;
        }
        output[i] = (int16_t)clamp_int16(value, p.output_min, p.output_max);
    }
}

#endif
