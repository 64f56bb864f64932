/* FULLY_CONNECTED with one scale for all weights, int8, Helium. (One scale per output channel: conv_2d_mve.) */
#ifndef TINYML_FULLY_CONNECTED_MVE_H
#define TINYML_FULLY_CONNECTED_MVE_H

#include "dense.h"
#include "helium.h"

/* input [batches, inputs] -> output [batches, outputs]. Weights: for each four outputs the inputs in blocks of 16 by
 * output, filled up with zeros; of one or two outputs that are left those alone, of three as of four; bias filled up to
 * fours. shift: to the left. */
__attribute__((always_inline)) static inline void fully_connected_mve(const int8_t *input, int8_t *output,
                                                                      const int8_t *weights, const int32_t *bias,
                                                                      struct dense_parameters p) {
    const int32_t few = few_channels(p.outputs), whole = p.outputs - few;
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.inputs) {
        const int8_t *weight = weights;
        const int32_t *channel = bias;
        for (int32_t c = 0; c < whole; c += 4) {
            words_4 sums = dot_4(input, p.inputs, &weight, &channel);
            sums = p.once ? requantize_once_4(sums, repeated_4(p.multiplier))
                          : requantize_4_alike(sums, p.multiplier, p.shift, p.rectified, p.wide);
            const int32_t count = whole % 4 == 0 || c + 4 <= whole ? 4 : whole % 4;
            store_4(output, sums, p.output_zero_point, p.output_min, p.output_max, whole % 4 == 0 ? 4 : count);
            output += count;
        }
        if (few > 0) {
            words_4 sums = few == 1 ? dot_few(input, p.inputs, 1, &weight, &channel) : dot_few(input, p.inputs, 2, &weight, &channel);
            sums = p.once ? requantize_once_4(sums, repeated_4(p.multiplier))
                          : requantize_4_alike(sums, p.multiplier, p.shift, p.rectified, p.wide);
            store_4(output, sums, p.output_zero_point, p.output_min, p.output_max, few);
            output += few;
        }
    }
}

#endif
