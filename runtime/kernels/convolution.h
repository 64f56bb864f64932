/* The frame that convolutions share: walks over the output pixels, finds each one's receptive field, and hands
 * pixels x channels at a time to a dot product. The dot product is an argument, so that a core's best one fits in. */
#ifndef TINYML_CONVOLUTION_H
#define TINYML_CONVOLUTION_H

#include <stdint.h>

#include "dot_int8.h"
#include "line.h"
#include "memory.h"
#include "requantize.h"
#include "round_once.h"

struct convolution_parameters {
    int32_t batches;
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t padding_top, padding_left;
    int32_t depth_multiplier; /* depthwise only */
    int32_t group_inputs, group_outputs; /* grouped only: channels of one group */
    int32_t input_zero_point; /* what padding reads as */
    int32_t output_zero_point;
    int32_t output_min, output_max;
    int32_t tile_pixels, tile_channels; /* accumulators held in registers */
    int32_t rectified; /* 1: the lowest output is the zero point: how a negative value rounds does not show */
    int32_t reverse; /* 1: from the last pixel to the first, so that the output may lie above a dying input */
    int32_t wide; /* 1: some accumulator may reach 2^30 or some channel shifts left */
    int32_t once; /* 1: rounded once; multipliers are the bits of float32 numbers (round_once.h) */
    int32_t once_exponent, once_shift; /* what the multipliers and the sums have in common (round_once.h), or 0 */
    int32_t line; /* requantized by the line below (line.h): 1 with a long multiplication, 2 with halves */
    int32_t transposed; /* planes: lines are columns */
    int32_t plane_row_bytes, output_step_bytes; /* planes: a channel's line, and from one output in a line to the next */
    int32_t line_split, line_shift, line_high, line_tie, line_from, line_to;
};

typedef const int8_t *dot_function(const struct field *fields, int32_t pixels, int32_t rows, int32_t length,
                                   const int8_t *weights, int32_t channels,
                                   int32_t sums[max_pixels][max_channels]);

/* to: padding up to start, inputs up to end, padding up to count. One for all layers: only edges come here. */
__attribute__((noinline, unused)) static void padded_run(int8_t *to, const int8_t *from, int32_t start, int32_t end,
                                                         int32_t count, int32_t padding) {
    fill_bytes(to, padding, start);
    copy_bytes(to + start, from, end - start);
    fill_bytes(to + end, padding, count - end);
}

struct position {
    int32_t y, x;
};

__attribute__((always_inline)) static inline struct position first_position(const struct convolution_parameters *p) {
    return p->reverse ? (struct position){p->output_height - 1, p->output_width - 1} : (struct position){0, 0};
}

__attribute__((always_inline)) static inline void advance(struct position *at, const struct convolution_parameters *p) {
    if (p->reverse) {
        if (--at->x < 0) at->x = p->output_width - 1, at->y--;
    } else {
        if (++at->x == p->output_width) at->x = 0, at->y++;
    }
}

/* What a dot product with biased weights adds to every sum of a field; NULL for one without. */
typedef int32_t weight_bias_function(const struct field *field, int32_t rows, int32_t length);

/* The receptive field of output pixel (y, x): in place where the input has all of it, else, or where packed is wanted,
 * copied to patch, with the zero point where the input ends. */
__attribute__((always_inline)) static inline struct field
convolution_field(const int8_t *input, int8_t *patch, int32_t y, int32_t x, int32_t packed,
                  const struct convolution_parameters *p) {
    const int32_t row_bytes = p->filter_width * p->input_channels;
    const int32_t input_row = p->input_width * p->input_channels;
    const int32_t top = y * p->stride_height - p->padding_top;
    const int32_t left = x * p->stride_width - p->padding_left;
    const int32_t bottom = top + (p->filter_height - 1) * p->dilation_height;
    const int32_t right = left + (p->filter_width - 1) * p->dilation_width;
    const int32_t contiguous = p->dilation_width == 1 || p->filter_width == 1;
    /* Known at compile time: no output pixel reaches over an edge. */
    const int32_t no_padding = p->padding_top == 0 && p->padding_left == 0 &&
                               (p->output_height - 1) * p->stride_height +
                                       (p->filter_height - 1) * p->dilation_height < p->input_height &&
                               (p->output_width - 1) * p->stride_width +
                                       (p->filter_width - 1) * p->dilation_width < p->input_width;
    if (contiguous && (no_padding || (top >= 0 && left >= 0 && bottom < p->input_height && right < p->input_width))) {
        const struct field field = {input + top * input_row + left * p->input_channels, p->dilation_height * input_row};
        if (!packed || p->filter_height == 1) return field;
        for (int32_t ky = 0; ky < p->filter_height; ky++)
            copy_bytes(patch + ky * row_bytes, field.start + ky * field.stride, row_bytes);
        return (struct field){patch, row_bytes};
    }
    for (int32_t ky = 0; ky < p->filter_height; ky++) {
        const int32_t iy = top + ky * p->dilation_height;
        int8_t *to = patch + ky * row_bytes;
        if (contiguous) { /* padding, a run of inputs, padding */
            const int32_t first = left < 0 ? -left : 0, last = p->input_width - left;
            const int32_t is_inside = iy >= 0 && iy < p->input_height;
            const int32_t from = is_inside ? first * p->input_channels : row_bytes;
            const int32_t end = is_inside && last < p->filter_width ? last * p->input_channels : row_bytes;
            padded_run(to, input + iy * input_row + (left + first) * p->input_channels, from, end, row_bytes,
                       p->input_zero_point);
        } else if (iy < 0 || iy >= p->input_height) {
            fill_bytes(to, p->input_zero_point, row_bytes);
        } else {
            for (int32_t kx = 0; kx < p->filter_width; kx++, to += p->input_channels) {
                const int32_t ix = left + kx * p->dilation_width;
                if (ix < 0 || ix >= p->input_width)
                    fill_bytes(to, p->input_zero_point, p->input_channels);
                else
                    copy_bytes(to, input + iy * input_row + ix * p->input_channels, p->input_channels);
            }
        }
    }
    return (struct field){patch, row_bytes};
}

/* One requantized output. */
__attribute__((always_inline)) static inline int8_t convolution_output(int32_t sum, int32_t multiplier, int32_t shift,
                                                                       const struct convolution_parameters *p) {
    const int32_t value = p->once   ? requantize_once(sum, multiplier, p->once_exponent, p->once_shift) + p->output_zero_point
                          : p->wide ? requantize(sum, multiplier, shift) + p->output_zero_point
                                    : requantize_narrow(sum, multiplier, shift, p->output_zero_point, p->rectified);
    return (int8_t)clamp(value, p->output_min, p->output_max);
}

/* 1x1, stride 1: pixel by pixel through the input. */
__attribute__((always_inline)) static inline int32_t
convolution_is_pointwise(const struct convolution_parameters *p) {
    return p->filter_height == 1 && p->filter_width == 1 && p->stride_height == 1 && p->stride_width == 1 &&
           p->padding_top == 0 && p->padding_left == 0;
}

/* `channels` output channels of `pixels` pixels, from channel c on. */
__attribute__((always_inline)) static inline const int8_t *
convolution_tile(dot_function *dot, const struct field *fields, const int32_t *weight_bias, int8_t *const *outputs,
                 const int8_t *weights, const int32_t *bias, const int32_t *multiplier, const int8_t *shift, int32_t c,
                 int32_t channels, const struct convolution_parameters *p) {
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) sums[j][i] = bias[c + i] - weight_bias[j];
    weights = dot(fields, p->tile_pixels, p->filter_height, p->filter_width * p->input_channels, weights, channels, sums);
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++) {
        const int32_t channel_multiplier = multiplier[c + i], channel_shift = shift[c + i];
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) {
            outputs[j][c + i] = convolution_output(sums[j][i], channel_multiplier, channel_shift, p);
        }
    }
    return weights;
}

/* input [H, W, C] -> output [OH, OW, OC]. The input zero point is folded into bias. Weights: for each group of
 * tile_channels channels [filter_height][filter_width * C][channels], then the channels left over one by one.
 * shift: right shift less one, or, where wide, the right shift itself. patches: tile_pixels receptive fields. */
__attribute__((always_inline)) static inline void
convolution(dot_function *dot, weight_bias_function *bias_of, const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
            const int32_t *multiplier, const int8_t *shift, int8_t *patches, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t patch_bytes = p.filter_height * p.filter_width * p.input_channels;
    const int32_t pointwise = convolution_is_pointwise(&p);
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += p.tile_pixels) {
            /* Backwards, the tile that may be incomplete comes first. */
            const int32_t pixel = p.reverse ? (pixels - 1) / p.tile_pixels * p.tile_pixels - done : done;
            struct field fields[max_pixels];
            int8_t *outputs[max_pixels];
#pragma GCC unroll 2
            for (int32_t i = 0; i < p.tile_pixels; i++) {
                const int32_t j = p.reverse ? p.tile_pixels - 1 - i : i;
                if (pixel + j >= pixels) continue;
                fields[j] = pointwise ? (struct field){input + (pixel + j) * p.input_channels, 0}
                                      : convolution_field(input, patches + j * patch_bytes, at.y, at.x, 0, &p);
                outputs[j] = output + (pixel + j) * p.output_channels;
                advance(&at, &p);
            }
            if (p.tile_pixels == 2 && pixel + 1 >= pixels) { /* an odd last pixel is computed twice */
                fields[1] = fields[0];
                outputs[1] = outputs[0];
            }
            int32_t weight_bias[max_pixels] = {0, 0};
            if (bias_of != NULL)
                for (int32_t j = 0; j < p.tile_pixels; j++)
                    weight_bias[j] = bias_of(&fields[j], p.filter_height, p.filter_width * p.input_channels);
            const int8_t *next = weights;
            int32_t c = 0;
            for (; c + p.tile_channels <= p.output_channels; c += p.tile_channels)
                next = convolution_tile(dot, fields, weight_bias, outputs, next, bias, multiplier, shift, c,
                                        p.tile_channels, &p);
            for (; c < p.output_channels; c++)
                next = convolution_tile(dot, fields, weight_bias, outputs, next, bias, multiplier, shift, c, 1, &p);
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
