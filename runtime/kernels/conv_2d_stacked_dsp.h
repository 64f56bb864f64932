/* CONV_2D, int8, DSP extension, the weights of two channels stacked in half-words: two pixels by two channels at a time. */
#ifndef TINYML_CONV_2D_STACKED_DSP_H
#define TINYML_CONV_2D_STACKED_DSP_H

#include "dot_stacked_dsp.h"
#include "scale_dsp.h"
#include "unroll.h"
#include "widen_dsp.h"

/* Two pixels by two channels, four inputs deep. widened: as for dot_block_2x2; weights: both channels for the first and
 * third input, then for the second and fourth. Both advance; both are word-aligned. */
__attribute__((always_inline)) static inline void dot_block_2x2_stacked(const int8_t **widened, const int8_t **weights,
                                                                        struct stacked *sums_0,
                                                                        struct stacked *sums_1) {
#if defined(TINYML_DSP)
    uint32_t w0, w1;
    __asm__("ldm    %[f]!, {r4, r5, r6, r8}\n\t"
            "ldrd   %[w0], %[w1], [%[w]], #8\n\t"
            "smlad  %[h0], r4, %[w0], %[h0]\n\t"
            "smlad  %[h1], r6, %[w0], %[h1]\n\t"
            "sxtb16 %[w0], %[w0]\n\t"
            "smlad  %[h0], r5, %[w1], %[h0]\n\t"
            "smlad  %[h1], r8, %[w1], %[h1]\n\t"
            "sxtb16 %[w1], %[w1]\n\t"
            "smlad  %[l0], r4, %[w0], %[l0]\n\t"
            "smlad  %[l1], r6, %[w0], %[l1]\n\t"
            "smlad  %[l0], r5, %[w1], %[l0]\n\t"
            "smlad  %[l1], r8, %[w1], %[l1]"
            : [f] "+r"(*widened), [w] "+r"(*weights), [h0] "+r"(sums_0->both), [l0] "+r"(sums_0->low),
              [h1] "+r"(sums_1->both), [l1] "+r"(sums_1->low), [w0] "=&r"(w0), [w1] "=&r"(w1)
            :
            : "r4", "r5", "r6", "r8", "memory");
#else
    for (int32_t half = 0; half < 2; half++) {
        const uint32_t weight = load_word(*weights + 4 * half);
        accumulate_stacked(load_word(*widened + 4 * half), weight, sums_0);
        accumulate_stacked(load_word(*widened + 8 + 4 * half), weight, sums_1);
    }
    *widened += 16;
    *weights += 8;
#endif
}

/* input [H, W, C] -> output [OH, OW, OC]. Weights: for each pair of channels the field in blocks of four, filled up with
 * zeros as the second channel of an odd last pair is. channels: for each pair two biases, two multipliers, and the right
 * shifts less one in the lower two bytes of a word. scratch: see widen_dsp.h. */
__attribute__((always_inline)) static inline void conv_2d_stacked_dsp(const int8_t *input, int8_t *output,
                                                                      const int8_t *weights, const int32_t *channels,
                                                                      int8_t *scratch,
                                                                      struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t blocks = (p.filter_height * p.filter_width * p.input_channels + 3) / 4;
    const int32_t half_step = 2 * p.output_zero_point + 1;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += 2) {
            const int32_t pixel = p.reverse ? (pixels - 1) / 2 * 2 - done : done;
            widen_pair(scratch, input, pixel, &at, &p);
            /* As in conv_2d_wide_dsp. */
            const int32_t next = pixels % 2 == 0 || pixel + 1 < pixels ? p.output_channels : 0;
            int8_t *to = output + pixel * p.output_channels;
            int8_t *const end = to + p.output_channels;
            const int8_t *weight = weights;
            const int32_t *channel = channels;
            for (; to < end; to += 2, channel += 5) {
                const uint32_t low = (uint32_t)channel[1], both = ((uint32_t)channel[0] << 8) + low;
                struct stacked sums_0 = {both, low}, sums_1 = {both, low};
                const int8_t *widened = scratch;
#pragma GCC unroll unroll_4
                for (int32_t block = 0; block < blocks; block++)
                    dot_block_2x2_stacked(&widened, &weight, &sums_0, &sums_1);
                const int32_t is_whole = p.output_channels % 2 == 0 || to + 1 < end;
                const int32_t shift_0 = channel[4] & 0xff, shift_1 = channel[4] >> 8;
                const int32_t scales[6] = {channel[2],          channel[3],  half_step * (1 << shift_0),
                                           half_step * (1 << shift_1), shift_0 + 1, shift_1 + 1};
                scale_2x2(doubled_high(sums_0), doubled_low(sums_0), doubled_high(sums_1), doubled_low(sums_1), scales,
                          to, next, is_whole, &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
