/* CONV_2D 3x3 with stride 1, int8, DSP extension, by Winograd's minimal filtering: two tiles of 2x2 outputs by two channels
 * at a time. */
#ifndef TINYML_CONV_2D_WINOGRAD_DSP_H
#define TINYML_CONV_2D_WINOGRAD_DSP_H

#include "scale_dsp.h"
#include "winograd_dsp.h"

/* Row y, columns [x, x + 6) of the input: in place, or copied with the zero point where the input ends. */
__attribute__((always_inline)) static inline const int8_t *
winograd_row(const int8_t *input, int8_t *patch, int32_t y, int32_t x, const struct convolution_parameters *p) {
    const int32_t pixel = p->input_channels, is_inside = y >= 0 && y < p->input_height;
    const int32_t end = x + 6 <= p->input_width ? 6 : p->input_width - x;
    if (is_inside && x >= 0 && end == 6) return input + (y * p->input_width + x) * pixel;
    const int32_t first = x < 0 ? -x : 0, from = is_inside && end > first ? first : 6;
    padded_run(patch, input + (y * p->input_width + x + from) * pixel, from * pixel, (is_inside && end > first ? end : 6) * pixel,
               6 * pixel, p->input_zero_point);
    return patch;
}

/* input [H, W, C] -> output [OH, OW, OC]; C divides by 4, OC by 2; one batch. Weights: for each pair of channels and each of
 * 16 positions the inputs in blocks of four by channel. channels: as for conv_2d_wide_dsp. scratch: for each position the
 * transformed inputs of two tiles and 16 bytes of sums, then four rows of six pixels. */
__attribute__((always_inline)) static inline void conv_2d_winograd_dsp(const int8_t *input, int8_t *output,
                                                                       const int16_t *weights, const int32_t *channels,
                                                                       int8_t *scratch,
                                                                       struct convolution_parameters p) {
    const int32_t blocks = p.input_channels / 4, position_bytes = 16 * blocks + 16;
    const int32_t output_row = p.output_width * p.output_channels;
    int8_t *const patch = scratch + 16 * position_bytes;
    for (int32_t y = 0; y < p.output_height; y += 2)
        for (int32_t x = 0; x < p.output_width; x += 4) {
            const int8_t *rows[4];
            for (int32_t i = 0; i < 4; i++)
                rows[i] = winograd_row(input, patch + 6 * p.input_channels * i, y - p.padding_top + i,
                                       x - p.padding_left, &p);
            transform_inputs(scratch, position_bytes, rows, p.input_channels, blocks);
            const int16_t *weight = weights;
            const int32_t *channel = channels;
            int8_t *const first = output + y * output_row + x * p.output_channels;
            for (int32_t c = 0; c < p.output_channels; c += 2, channel += 8) {
                weight = multiply_positions(scratch, weight, blocks);
#pragma GCC unroll 1
                for (int32_t second = 0; second < 2; second++) {
                    const int32_t bias = channel[second], multiplier = channel[2 + second];
                    const int32_t rounding = channel[4 + second], shift = channel[6 + second];
#pragma GCC unroll 2
                    for (int32_t tile = 0; tile < 2; tile++) {
                        uint32_t sums[4];
                        transform_outputs(scratch + 16 * blocks + 8 * tile + 4 * second, position_bytes, sums);
                        int8_t *to = first + c + second + 2 * tile * p.output_channels;
#pragma GCC unroll 4
                        for (int32_t i = 0; i < 4; i++) {
                            const int32_t row = i / 2, column = 2 * tile + i % 2;
                            const int8_t value = scaled_output(((int32_t)sums[i] >> 1) + bias, multiplier, rounding, shift, &p);
                            if ((p.output_height % 2 == 0 || y + row < p.output_height) &&
                                (p.output_width % 4 == 0 || x + column < p.output_width))
                                to[row * output_row + i % 2 * p.output_channels] = value;
                        }
                    }
                }
            }
        }
}

#endif
