/* The frame that convolutions of int16 inputs and int8 weights share, and with it dense layers, which are convolutions of
 * one pixel for each vector: `tile_pixels` output pixels by `tile_channels` channels at a time. */
#ifndef TINYML_CONVOLUTION_INT16X8_H
#define TINYML_CONVOLUTION_INT16X8_H

#include "convolution.h"
#include "requantize_int16x8.h"

/* Fields are in bytes here, lengths in elements. */
typedef const int8_t *dot_int16x8_function(const struct field *fields, int32_t pixels, int32_t rows, int32_t length,
                                           const int8_t *weights, int32_t channels,
                                           int32_t sums[max_pixels][max_channels]);

/* As dot_int8: weights [rows][length][channels]. */
__attribute__((always_inline)) static inline const int8_t *
dot_int16x8(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
            int32_t channels, int32_t sums[max_pixels][max_channels]) {
    const int8_t *row[max_pixels];
    for (int32_t p = 0; p < pixels; p++) row[p] = fields[p].start;
    for (int32_t ky = 0; ky < rows; ky++) {
#pragma GCC unroll unroll_4
        for (int32_t k = 0; k < length; k++) {
            int32_t value[max_pixels];
#pragma GCC unroll 2
            for (int32_t p = 0; p < pixels; p++) value[p] = ((const int16_t *)(const void *)row[p])[k];
#pragma GCC unroll 8
            for (int32_t c = 0; c < channels; c++) {
                const int32_t weight = weights[k * channels + c];
#pragma GCC unroll 2
                for (int32_t p = 0; p < pixels; p++) sums[p][c] += value[p] * weight;
            }
        }
        weights += length * channels;
        for (int32_t p = 0; p < pixels; p++) row[p] += fields[p].stride;
    }
    return weights;
}

/* The same sums in 64 bits, where 32 are not proven to do. */
__attribute__((always_inline)) static inline const int8_t *
dot_int16x8_wide(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
                 int32_t channels, int64_t sums[max_pixels][max_channels]) {
    for (int32_t ky = 0; ky < rows; ky++)
        for (int32_t k = 0; k < length; k++, weights += channels)
            for (int32_t p = 0; p < pixels; p++) {
                const int8_t *row = fields[p].start + ky * fields[p].stride;
                const int32_t value = ((const int16_t *)(const void *)row)[k];
                for (int32_t c = 0; c < channels; c++) sums[p][c] += value * weights[c];
            }
    return weights;
}

/* `channels` output channels of `pixels` pixels, from channel c on. */
__attribute__((always_inline)) static inline const int8_t *
convolution_int16x8_tile(dot_int16x8_function *dot, const struct field *fields, int16_t *const *outputs,
                         const int32_t *weight_bias, const int8_t *weights, const int32_t *bias,
                         const int32_t *multiplier, int32_t length, int32_t c, int32_t channels,
                         const struct convolution_parameters *p) {
    if (has_wide_sums(p->wide)) {
        int64_t sums[max_pixels][max_channels];
        for (int32_t i = 0; i < channels; i++)
            for (int32_t j = 0; j < p->tile_pixels; j++) sums[j][i] = wide_bias(bias, c + i);
        weights = dot_int16x8_wide(fields, p->tile_pixels, p->filter_height, length, weights, channels, sums);
        for (int32_t i = 0; i < channels; i++)
            for (int32_t j = 0; j < p->tile_pixels; j++)
                outputs[j][c + i] = (int16_t)clamp_int16(requantize_wide(sums[j][i], multiplier, c + i, p->wide),
                                                         p->output_min, p->output_max);
        return weights;
    }
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++)
            sums[j][i] = (int32_t)((uint32_t)bias[c + i] - (uint32_t)weight_bias[j]);
    weights = dot(fields, p->tile_pixels, p->filter_height, length, weights, channels, sums);
#pragma GCC unroll 8
    for (int32_t i = 0; i < channels; i++)
#pragma GCC unroll 2
        for (int32_t j = 0; j < p->tile_pixels; j++)
            outputs[j][c + i] = (int16_t)clamp_int16(requantize_sum(sums[j][i], multiplier, c + i, p->wide), p->output_min,
                                                     p->output_max);
    return weights;
}

/* bias_of: what the sums of a field start lower by, NULL for nothing. input [H, W, C] -> output [OH, OW, OC], int16. Weights: for each group of tile_channels channels in the order of the dot
 * product, then the channels left over one by one. patches: tile_pixels receptive fields. */
__attribute__((always_inline)) static inline void
convolution_int16x8(dot_int16x8_function *dot, weight_bias_function *bias_of, const void *input_halves,
                    void *output_halves, const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                    int8_t *patches, struct convolution_parameters p) {
    const int8_t *input = input_halves;
    int16_t *output = output_halves;
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t length = p.filter_width * p.input_channels;
    /* From here on in bytes: what finds a field does not ask for the elements' type. */
    p.input_channels *= 2;
    const int32_t patch_bytes = p.filter_height * p.filter_width * p.input_channels;
    const int32_t pointwise = convolution_is_pointwise(&p);
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done += p.tile_pixels) {
            /* Backwards, the tile that may be incomplete comes first. */
            const int32_t pixel = p.reverse ? (pixels - 1) / p.tile_pixels * p.tile_pixels - done : done;
            struct field fields[max_pixels] = {{input, 0}, {input, 0}};
            int16_t *outputs[max_pixels] = {output, output};
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
                    weight_bias[j] = bias_of(&fields[j], p.filter_height, length);
            const int8_t *next = weights;
            int32_t c = 0;
            for (; c + p.tile_channels <= p.output_channels; c += p.tile_channels)
                next = convolution_int16x8_tile(dot, fields, outputs, weight_bias, next, bias, multiplier, length, c,
                                                p.tile_channels, &p);
            for (; c < p.output_channels; c++)
                next = convolution_int16x8_tile(dot, fields, outputs, weight_bias, next, bias, multiplier, length, c, 1,
                                                &p);
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
