/* What the pooling operators share, float32. */
#ifndef TINYML_POOL_FLOAT32_H
#define TINYML_POOL_FLOAT32_H

#include "float32.h"

struct pool_float32_parameters {
    int32_t batches;
    int32_t input_height, input_width, channels;
    int32_t output_height, output_width;
    int32_t filter_height, filter_width;
    int32_t stride_height, stride_width;
    int32_t padding_top, padding_left;
    int32_t activation;
};

/* The largest of a window's elements, or their mean; what lies over an edge does not count. */
__attribute__((always_inline)) static inline void pool_float32(const void *input, void *output, int32_t is_mean,
                                                               const struct pool_float32_parameters *p) {
    const float *image = (const float *)input;
    float *to = (float *)output;
    for (int32_t batch = 0; batch < p->batches; batch++, image += p->input_height * p->input_width * p->channels)
        for (int32_t oy = 0; oy < p->output_height; oy++) {
            const int32_t y = oy * p->stride_height - p->padding_top;
            const int32_t top = y < 0 ? 0 : y;
            const int32_t bottom = y + p->filter_height > p->input_height ? p->input_height : y + p->filter_height;
            for (int32_t ox = 0; ox < p->output_width; ox++) {
                const int32_t x = ox * p->stride_width - p->padding_left;
                const int32_t left = x < 0 ? 0 : x;
                const int32_t right = x + p->filter_width > p->input_width ? p->input_width : x + p->filter_width;
                for (int32_t c = 0; c < p->channels; c++) {
                    float joined = is_mean ? 0.0f : image[(top * p->input_width + left) * p->channels + c];
                    for (int32_t iy = top; iy < bottom; iy++) {
                        const float *from = image + (iy * p->input_width + left) * p->channels + c;
                        for (int32_t ix = left; ix < right; ix++, from += p->channels) {
                            if (is_mean)
                                joined += *from;
                            else if (*from > joined)
                                joined = *from;
                        }
                    }
                    if (is_mean) joined /= (float)((bottom - top) * (right - left));
                    *to++ = activated(joined, p->activation);
                }
            }
        }
}

#endif
