/* RESIZE_BILINEAR, float32. */
#ifndef TINYML_RESIZE_BILINEAR_FLOAT32_H
#define TINYML_RESIZE_BILINEAR_FLOAT32_H

#include "float32.h"

struct resize_bilinear_float32_parameters {
    int32_t batches, input_size; /* elements of an input image */
    int32_t output_height, output_width, channels;
};

/* rows and columns: for each output position where its two neighbours start in the input, in elements; and how far it is from
 * the first of them. */
__attribute__((always_inline)) static inline void resize_bilinear_float32(
    const void *input, void *output, const int32_t *rows, const float *row_fractions, const int32_t *columns,
    const float *column_fractions, struct resize_bilinear_float32_parameters p) {
    const float *image = (const float *)input;
    float *to = (float *)output;
    for (int32_t batch = 0; batch < p.batches; batch++, image += p.input_size)
        for (int32_t y = 0; y < p.output_height; y++) {
            const float *upper = image + rows[2 * y], *lower = image + rows[2 * y + 1];
            const float down = row_fractions[y];
            for (int32_t x = 0; x < p.output_width; x++) {
                const int32_t left = columns[2 * x], right = columns[2 * x + 1];
                const float across = column_fractions[x];
                for (int32_t c = 0; c < p.channels; c++) {
                    const float above = multiply_add(upper[right + c], across, upper[left + c] * (1.0f - across));
                    const float below = multiply_add(lower[right + c], across, lower[left + c] * (1.0f - across));
                    *to++ = multiply_add(below, down, above * (1.0f - down));
                }
            }
        }
}

#endif
