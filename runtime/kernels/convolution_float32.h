/* Sums of products of float32, pixels by channels, the weights of a tile's channels side by side. Weights are float32, or int8
 * with a scale for each channel (hybrid models): then they are multiplied as they are, and each sum by its scale. */
#ifndef TINYML_CONVOLUTION_FLOAT32_H
#define TINYML_CONVOLUTION_FLOAT32_H

#include "float32.h"

struct convolution_float32_parameters {
    int32_t batches;
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t padding_top, padding_left;
    int32_t filter_channels; /* input channels that one filter sees */
    int32_t activation;
    int32_t tile_channels, tile_pixels; /* 4 and 4 where the core has float registers, else 1 and 1 */
    int32_t reverse; /* from the last pixel to the first */
};

enum { most_pixels = 4, most_channels = 4 };

/* The taps of an output pixel that lie inside the input: ends exclusive. */
struct taps {
    int32_t from, to;
};

__attribute__((always_inline)) static inline struct taps taps_inside(int32_t first, int32_t dilation, int32_t taps,
                                                                     int32_t inputs) {
    struct taps inside = {0, taps};
    while (inside.from < inside.to && first + inside.from * dilation < 0) inside.from++;
    while (inside.to > inside.from && first + (inside.to - 1) * dilation >= inputs) inside.to--;
    return inside;
}

/* A row of the output: single pixels at its left, whole tiles whose filters reach over no edge at the left or right, single
 * pixels again. */
struct row_tiles {
    int32_t left, tiles, items; /* of single pixels, of tiles, and of both with those at the right */
};

__attribute__((always_inline)) static inline struct row_tiles row_tiles(const struct convolution_float32_parameters *p) {
    const int32_t left = (p->padding_left + p->stride_width - 1) / p->stride_width;
    const int32_t reach = p->input_width - 1 - (p->filter_width - 1) * p->dilation_width + p->padding_left;
    const int32_t inside = reach < 0 ? 0 : reach / p->stride_width + 1;
    const int32_t end = inside < p->output_width ? inside : p->output_width;
    const int32_t tiles = p->tile_pixels == most_pixels && end > left ? (end - left) / most_pixels : 0;
    return (struct row_tiles){left, tiles, p->output_width - tiles * (most_pixels - 1)};
}

/* What the kernel reads besides the input; no scales: weights are float32. */
struct filters {
    const void *weights;
    const float *scales;
    const float *bias;
};

__attribute__((always_inline)) static inline const void *weights_from(const struct filters *f, const void *weights,
                                                                      int32_t count) {
    return f->scales == 0 ? (const void *)((const float *)weights + count) : (const void *)((const int8_t *)weights + count);
}

__attribute__((always_inline)) static inline float weight_of(const struct filters *f, const void *weights, int32_t at) {
    return f->scales == 0 ? ((const float *)weights)[at] : (float)((const int8_t *)weights)[at];
}

/* Where a sum starts: with its bias, or where it has yet to be scaled, with nothing. */
__attribute__((always_inline)) static inline float first_sum(const struct filters *f, int32_t channel) {
    return f->scales == 0 ? f->bias[channel] : 0.0f;
}

__attribute__((always_inline)) static inline float last_sum(const struct filters *f, int32_t channel, float sum,
                                                            int32_t activation) {
    return activated(f->scales == 0 ? sum : multiply_add(sum, f->scales[channel], f->bias[channel]), activation);
}

/* sums[pixel][channel] += x[pixel * step + k] * weights[at + k][channel], k by k. */
__attribute__((always_inline)) static inline void add_float_products(const float *x, int32_t step, const struct filters *f,
                                                                     int32_t at, int32_t length, float sums[most_pixels][most_channels],
                                                               int32_t pixels, int32_t channels) {
    const void *weights = weights_from(f, f->weights, at);
    for (int32_t k = 0; k < length; k++, weights = weights_from(f, weights, channels)) {
        float weight[most_channels];
#pragma GCC unroll 4
        for (int32_t c = 0; c < channels; c++) weight[c] = weight_of(f, weights, c);
#pragma GCC unroll 4
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            const float value = x[pixel * step + k];
#pragma GCC unroll 4
            for (int32_t c = 0; c < channels; c++) sums[pixel][c] = multiply_add(value, weight[c], sums[pixel][c]);
        }
    }
}

/* All channels of `pixels` neighbouring pixels, of which the first field starts at (x, y). */
typedef void pixels_float32(const float *input, float *output, const struct filters *f, int32_t x, struct taps columns,
                            int32_t y, struct taps rows, int32_t pixels, const struct convolution_float32_parameters *p);

__attribute__((always_inline)) static inline void walk_float32(pixels_float32 *compute, const void *input, void *output,
                                                               const struct filters *f,
                                                               const struct convolution_float32_parameters *p) {
    const float *image = (const float *)input;
    float *to = (float *)output;
    const struct row_tiles row = row_tiles(p);
    for (int32_t batch = 0; batch < p->batches; batch++, image += p->input_height * p->input_width * p->input_channels)
        for (int32_t down = 0; down < p->output_height; down++) {
            const int32_t oy = p->reverse ? p->output_height - 1 - down : down;
            const int32_t y = oy * p->stride_height - p->padding_top;
            const struct taps rows = taps_inside(y, p->dilation_height, p->filter_height, p->input_height);
            float *line = to + (batch * p->output_height + oy) * p->output_width * p->output_channels;
            for (int32_t right = 0; right < row.items; right++) {
                const int32_t item = p->reverse ? row.items - 1 - right : right;
                if (item >= row.left && item < row.left + row.tiles) {
                    const int32_t ox = row.left + (item - row.left) * most_pixels;
                    const struct taps all = {0, p->filter_width};
                    compute(image, line + ox * p->output_channels, f, ox * p->stride_width - p->padding_left,
                                           all, y, rows, most_pixels, p);
                } else {
                    const int32_t ox = item < row.left ? item : item + row.tiles * (most_pixels - 1);
                    const int32_t x = ox * p->stride_width - p->padding_left;
                    const struct taps columns = taps_inside(x, p->dilation_width, p->filter_width, p->input_width);
                    compute(image, line + ox * p->output_channels, f, x, columns, y, rows, 1, p);
                }
            }
        }
}

#endif
