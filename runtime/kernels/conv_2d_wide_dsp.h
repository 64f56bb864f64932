/* CONV_2D, int8, DSP extension, weights widened to half-words at build time: two pixels by two channels at a time. */
#ifndef TINYML_CONV_2D_WIDE_DSP_H
#define TINYML_CONV_2D_WIDE_DSP_H

#include "dot_int16_dsp.h"
#include "scale_dsp.h"
#include "widen_dsp.h"

/* input [H, W, C] -> output [OH, OW, OC]. Weights, doubled: for each pair of channels the field in blocks of four by
 * channel, filled up with zeros; the second channel of an odd last pair is zero. channels: for each pair two biases,
 * doubled, two multipliers, two roundings, two shifts (scale_dsp.h). scratch: see widen_dsp.h. */
__attribute__((always_inline)) static inline void conv_2d_wide_dsp(const int8_t *input, int8_t *output,
                                                                   const int16_t *weights, const int32_t *channels,
                                                                   int8_t *scratch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t blocks = (p.filter_height * p.filter_width * p.input_channels + 3) / 4;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += 2) {
            const int32_t pixel = p.reverse ? (pixels - 1) / 2 * 2 - done : done;
            widen_pair(scratch, input, pixel, &at, &p);
            /* The second pixel of an odd last pair is computed from what was there before; the first one's outputs take
             * its place. */
            const int32_t next = pixels % 2 == 0 || pixel + 1 < pixels ? p.output_channels : 0;
            int8_t *to = output + pixel * p.output_channels;
            int8_t *const end = to + p.output_channels;
            const int16_t *weight = weights;
            const int32_t *channel = channels;
            for (; to < end; to += 2, channel += 8) {
                int32_t sum_00 = channel[0], sum_01 = channel[1], sum_10 = sum_00, sum_11 = sum_01;
                const int8_t *widened = scratch;
                dot_2x2_wide(&widened, &weight, blocks, &sum_00, &sum_01, &sum_10, &sum_11);
                const int32_t is_whole = p.output_channels % 2 == 0 || to + 1 < end;
                scale_2x2(sum_00, sum_01, sum_10, sum_11, channel + 2, to, next, is_whole, &p);
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
