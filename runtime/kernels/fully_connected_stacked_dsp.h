/* FULLY_CONNECTED with one scale for all weights, int8, DSP extension, the weights of two outputs stacked in half-words. */
#ifndef TINYML_FULLY_CONNECTED_STACKED_DSP_H
#define TINYML_FULLY_CONNECTED_STACKED_DSP_H

#include "dense.h"
#include "dot_stacked_dsp.h"
#include "scale_dsp.h"
#include "unroll.h"

/* The count inputs from `from` on, at most four, filled up with zeros. */
static inline uint32_t last_inputs(const int8_t *from, int32_t count) {
    uint32_t word = 0;
    for (int32_t i = 0; i < count; i++) word |= (uint32_t)(uint8_t)from[i] << (8 * i);
    return word;
}

/* One output from twice its accumulator. */
__attribute__((always_inline)) static inline int8_t stacked_output(int32_t doubled, const struct dense_parameters *p) {
    const int32_t rounding = (2 * p->output_zero_point + 1) * (1 << p->shift);
    if (p->once) /* the multiplier is that of the doubled sum */
        return (int8_t)clamp(requantize_once(doubled, p->multiplier, p->once_exponent, p->once_shift) + p->output_zero_point, p->output_min, p->output_max);
    int32_t value = multiply_high_rounded_add(doubled, p->multiplier, rounding);
    if (!p->rectified) value += doubled >> 31;
    return (int8_t)clamp(value >> (p->shift + 1), p->output_min, p->output_max);
}

/* input [batches, inputs] -> output [batches, outputs]. Weights, filled up with zeros: for each four outputs blocks of four
 * inputs (dot_stacked_dsp.h); then for each two outputs that are left, the second one filled up too. scratch: where
 * widened, eight bytes for each four inputs; up to 128 inputs are on the stack. */
__attribute__((always_inline)) static inline void
fully_connected_stacked_dsp(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                            int8_t *scratch, struct dense_parameters p) {
    const int32_t whole = p.inputs / 4, blocks = (p.inputs + 3) / 4;
    int8_t on_stack[2 * 128];
    if (p.widened && p.inputs <= 128) scratch = on_stack;
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.inputs) {
        const uint32_t last = last_inputs(input + 4 * whole, p.inputs % 4);
        if (p.widened)
            for (int32_t block = 0; block < blocks; block++) {
                const uint32_t word = block < whole ? load_word(input + 4 * block) : last;
                store_word(scratch + 8 * block, extend_even(word));
                store_word(scratch + 8 * block + 4, extend_odd(word));
            }
        const int8_t *weight = weights;
        int32_t c = 0;
        for (; c + 4 <= p.outputs; c += 4, output += 4) {
            const int32_t *from = bias + c;
            struct stacked sums_0 = {(uint32_t)from[0] * 256u + (uint32_t)from[1], (uint32_t)from[1]};
            struct stacked sums_1 = {(uint32_t)from[2] * 256u + (uint32_t)from[3], (uint32_t)from[3]};
            const int8_t *at = p.widened ? scratch : input;
            const int32_t count = p.widened ? blocks : whole;
            if (count < 4) { /* spread out between the loops around them, few blocks leave gcc no registers */
                int32_t left = count;
                __asm__("" : "+r"(left)); /* not known */
#pragma GCC unroll 1
                for (; left > 0; left--) dot_block_stacked(&at, p.widened != 0, &weight, &sums_0, &sums_1);
            } else {
#pragma GCC unroll unroll_4
                for (int32_t block = 0; block < count; block++)
                    dot_block_stacked(&at, p.widened != 0, &weight, &sums_0, &sums_1);
            }
            if (count < blocks) {
                for (int32_t odd = 0; odd < 2; odd++, weight += 8) {
                    const uint32_t inputs = odd ? extend_odd(last) : extend_even(last);
                    accumulate_stacked(inputs, load_word(weight), &sums_0);
                    accumulate_stacked(inputs, load_word(weight + 4), &sums_1);
                }
            }
            output[0] = stacked_output(doubled_high(sums_0), &p);
            output[1] = stacked_output(doubled_low(sums_0), &p);
            output[2] = stacked_output(doubled_high(sums_1), &p);
            output[3] = stacked_output(doubled_low(sums_1), &p);
        }
        for (; c < p.outputs; c += 2) {
            const int32_t is_pair = c + 1 < p.outputs;
            const uint32_t low = is_pair ? (uint32_t)bias[c + 1] : 0;
            struct stacked sums = {(uint32_t)bias[c] * 256u + low, low};
            for (int32_t block = 0; block < blocks; block++, weight += 8) {
                const uint32_t word = block < whole ? load_word(input + 4 * block) : last;
                accumulate_stacked(extend_even(word), load_word(weight), &sums);
                accumulate_stacked(extend_odd(word), load_word(weight + 4), &sums);
            }
            *output++ = stacked_output(doubled_high(sums), &p);
            if (is_pair) *output++ = stacked_output(doubled_low(sums), &p);
        }
    }
}

#endif
