/* The frame that grouped convolutions share: output channels meet the input channels of their own group alone, which each
 * pixel of the input has side by side. Addresses and counts of bytes are the same for int8 and int16. */
#ifndef TINYML_CONVOLUTION_GROUPED_H
#define TINYML_CONVOLUTION_GROUPED_H

#include "convolution.h"

/* The receptive field of one group: taps of group_inputs inputs each. */
struct grouped_field {
    const int8_t *start;
    int32_t row_stride, tap_stride; /* bytes from one row of taps to the next, from one tap to the next */
    int32_t weight_bias;            /* what its sums start lower by: see weight_bias_function */
};

struct grouped_constants {
    const int8_t *weights; /* for each group and each tile of its channels in the order of the dot product, rows being taps */
    const int32_t *bias, *multiplier;
    const int8_t *shift;
};

/* `channels` output channels of all pixels of a tile, from channel c on; returns the weights behind the ones used. */
typedef const int8_t *grouped_tile_function(const struct grouped_field *fields, int8_t *const *outputs,
                                            const int8_t *weights, const struct grouped_constants *constants, int32_t c,
                                            int32_t channels, const struct convolution_parameters *p);

/* One row of taps, as dot products take them. */
__attribute__((always_inline)) static inline struct field tap_row(const struct grouped_field *field, int32_t row) {
    return (struct field){field->start + row * field->row_stride, field->tap_stride};
}

/* A group's field of output pixel (y, x), whose inputs start at `input` in the first pixel: in place where the input has
 * all of it, and, where packed is wanted, it is one run of bytes; else copied to patch, with the zero point where the input
 * ends. pixel, tap: bytes of one pixel, and of what the group has of it. */
__attribute__((always_inline)) static inline struct grouped_field
grouped_field(const int8_t *input, int8_t *patch, struct position at, int32_t pixel, int32_t tap, int32_t packed,
              const struct convolution_parameters *p) {
    const int32_t line = p->input_width * pixel;
    const int32_t top = at.y * p->stride_height - p->padding_top;
    const int32_t left = at.x * p->stride_width - p->padding_left;
    const int32_t down = (p->filter_height - 1) * p->dilation_height;
    const int32_t across = (p->filter_width - 1) * p->dilation_width;
    /* Known at compile time: no output pixel reaches over an edge. */
    const int32_t no_padding = p->padding_top == 0 && p->padding_left == 0 &&
                               (p->output_height - 1) * p->stride_height + down < p->input_height &&
                               (p->output_width - 1) * p->stride_width + across < p->input_width;
    const int32_t is_run = p->filter_height == 1 && p->filter_width == 1;
    if ((is_run || !packed) &&
        (no_padding || (top >= 0 && left >= 0 && top + down < p->input_height && left + across < p->input_width)))
        return (struct grouped_field){input + top * line + left * pixel, p->dilation_height * line,
                                      p->dilation_width * pixel, 0};
    int8_t *to = patch;
    for (int32_t ky = 0; ky < p->filter_height; ky++) {
        const int32_t iy = top + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->filter_width; kx++, to += tap) {
            const int32_t ix = left + kx * p->dilation_width;
            if (iy < 0 || iy >= p->input_height || ix < 0 || ix >= p->input_width)
                fill_bytes(to, p->input_zero_point, tap);
            else
                copy_bytes(to, input + iy * line + ix * pixel, tap);
        }
    }
    return (struct grouped_field){patch, p->filter_width * tap, tap, 0};
}

__attribute__((always_inline)) static inline int32_t grouped_weight_bias(weight_bias_function *bias_of,
                                                                         const struct grouped_field *field,
                                                                         const struct convolution_parameters *p) {
    int32_t sum = 0;
    for (int32_t ky = 0; ky < p->filter_height; ky++) {
        const struct field row = tap_row(field, ky);
        sum = (int32_t)((uint32_t)sum + (uint32_t)bias_of(&row, p->filter_width, p->group_inputs));
    }
    return sum;
}

/* bias_of: NULL for a dot product without biased weights. input [H, W, groups * group_inputs] -> output [OH, OW, groups * group_outputs] of elements of `width` bytes. patches:
 * tile_pixels fields of one group, where some field reaches over an edge. */
__attribute__((always_inline)) static inline void
convolution_grouped(grouped_tile_function *tile, weight_bias_function *bias_of, int32_t width, const int8_t *input,
                    int8_t *output, const struct grouped_constants *constants, int8_t *patches,
                    const struct convolution_parameters *p) {
    const int32_t pixels = p->output_height * p->output_width;
    const int32_t input_pixel = width * p->input_channels, output_pixel = width * p->output_channels;
    const int32_t tap = width * p->group_inputs, patch_bytes = p->filter_height * p->filter_width * tap;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        struct position next = first_position(p);
        for (int32_t done = 0; done < pixels; done += p->tile_pixels) {
            /* Backwards, the tile that may be incomplete comes first. */
            const int32_t pixel = p->reverse ? (pixels - 1) / p->tile_pixels * p->tile_pixels - done : done;
            struct position at[max_pixels] = {{0, 0}, {0, 0}};
            int8_t *outputs[max_pixels] = {output, output};
#pragma GCC unroll 2
            for (int32_t i = 0; i < p->tile_pixels; i++) {
                const int32_t j = p->reverse ? p->tile_pixels - 1 - i : i;
                if (pixel + j >= pixels) continue;
                at[j] = next;
                outputs[j] = output + (pixel + j) * output_pixel;
                advance(&next, p);
            }
            const int32_t is_whole = p->tile_pixels == 1 || pixel + 1 < pixels;
            if (!is_whole) outputs[1] = outputs[0]; /* an odd last pixel is computed twice */
            const int8_t *weights = constants->weights, *from = input;
            for (int32_t first = 0; first < p->output_channels; first += p->group_outputs, from += tap) {
                struct grouped_field fields[max_pixels];
                fields[0] = grouped_field(from, patches, at[0], input_pixel, tap, 0, p);
                if (p->tile_pixels == 2)
                    fields[1] = is_whole ? grouped_field(from, patches + patch_bytes, at[1], input_pixel, tap, 0, p)
                                         : fields[0];
                if (bias_of != NULL)
#pragma GCC unroll 2
                    for (int32_t j = 0; j < p->tile_pixels; j++)
                        fields[j].weight_bias = grouped_weight_bias(bias_of, &fields[j], p);
                const int32_t end = first + p->group_outputs;
                int32_t c = first;
                for (; c + p->tile_channels <= end; c += p->tile_channels)
                    weights = tile(fields, outputs, weights, constants, c, p->tile_channels, p);
                for (; c < end; c++) weights = tile(fields, outputs, weights, constants, c, 1, p);
            }
        }
        input += p->input_height * p->input_width * input_pixel;
        output += pixels * output_pixel;
    }
}

/* The tile of int8. */
__attribute__((always_inline)) static inline const int8_t *
grouped_tile_int8(dot_function *dot, const struct grouped_field *fields, int8_t *const *outputs,
                  const int8_t *weights, const struct grouped_constants *constants, int32_t c, int32_t channels,
                  const struct convolution_parameters *p) {
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) sums[j][i] = constants->bias[c + i] - fields[j].weight_bias;
    for (int32_t ky = 0; ky < p->filter_height; ky++) {
        struct field rows[max_pixels];
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++) rows[j] = tap_row(&fields[j], ky);
        weights = dot(rows, p->tile_pixels, p->filter_width, p->group_inputs, weights, channels, sums);
    }
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++) {
        const int32_t multiplier = constants->multiplier[c + i], shift = constants->shift[c + i];
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++)
            outputs[j][c + i] = convolution_output(sums[j][i], multiplier, shift, p);
    }
    return weights;
}

#endif
