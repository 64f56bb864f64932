/* DEPTHWISE_CONV_2D, int16 with int8 weights, one output channel for each input channel, DSP extension: two channels at a
 * time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_INT16X8_DSP_H
#define TINYML_DEPTHWISE_CONV_2D_INT16X8_DSP_H

#include "convolution_int16x8.h"
#include "dot_int16x8_dsp.h"
#include "unroll.h"

/* sum + low(a) * low(b), and the same with the upper half-word of a. */
static inline int32_t add_low_product(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (int16_t)a * (int16_t)b;
#endif
}

static inline int32_t add_high_product(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (int16_t)(a >> 16) * (int16_t)b;
#endif
}

/* input [H, W, C] -> output [OH, OW, C], int16. Weights: for each two channels [filter_height * filter_width][2], then an
 * odd last channel alone. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_int16x8_dsp(const void *input_halves, void *output_halves, const int8_t *weights,
                              const int32_t *bias, const int32_t *multiplier, int8_t *patch,
                              struct convolution_parameters p) {
    const int8_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t pixels = p.output_height * p.output_width, channels = p.input_channels;
    p.input_channels *= 2; /* in bytes, as in convolution_int16x8.h */
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int16_t *to = output + (p.reverse ? pixels - 1 - done : done) * channels;
            const int8_t *weight = weights;
            for (int32_t c = 0; c < channels; c += 2) {
                const int8_t *row = field.start + 2 * c;
                const int32_t is_pair = channels % 2 == 0 || c + 1 < channels;
                int32_t sum_0 = bias[c], sum_1 = is_pair ? bias[c + 1] : 0;
#pragma GCC unroll unroll_5
                for (int32_t ky = 0; ky < p.filter_height; ky++, row += field.stride) {
#pragma GCC unroll unroll_5
                    for (int32_t kx = 0; kx < p.filter_width; kx++) {
                        const int8_t *tap = row + kx * p.input_channels;
                        if (is_pair) {
                            const uint32_t values = load_word(tap);
                            sum_0 = add_low_product(values, (uint32_t)(int32_t)weight[0], sum_0);
                            sum_1 = add_high_product(values, (uint32_t)(int32_t)weight[1], sum_1);
                            weight += 2;
                        } else {
                            sum_0 += *(const int16_t *)(const void *)tap * *weight++;
                        }
                    }
                }
                to[c] = (int16_t)clamp_int16(multiply_to_high_word(sum_0, multiplier[c]), p.output_min, p.output_max);
                if (is_pair)
                    to[c + 1] = (int16_t)clamp_int16(multiply_to_high_word(sum_1, multiplier[c + 1]), p.output_min,
                                                     p.output_max);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * channels;
    }
}

#endif
