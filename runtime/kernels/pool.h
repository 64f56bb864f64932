/* What the pooling operators share: the window of an output pixel, cut at the input's edges. */
#ifndef TINYML_POOL_H
#define TINYML_POOL_H

#include "requantize.h"

struct pool_parameters {
    int32_t batches;
    int32_t input_height, input_width, channels;
    int32_t output_height, output_width;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t padding_top, padding_left;
    int32_t output_min, output_max;
};

struct window {
    int32_t top, bottom, left, right; /* bottom and right are exclusive */
};

__attribute__((always_inline)) static inline struct window pool_window(int32_t y, int32_t x,
                                                                       const struct pool_parameters *p) {
    const int32_t top = y * p->stride_height - p->padding_top, left = x * p->stride_width - p->padding_left;
    const int32_t bottom = top + p->filter_height, right = left + p->filter_width;
    return (struct window){top < 0 ? 0 : top, bottom > p->input_height ? p->input_height : bottom,
                           left < 0 ? 0 : left, right > p->input_width ? p->input_width : right};
}

#endif
