/* RESIZE_BILINEAR, int8: four neighbours by weights of 10 fraction bits, rounded to nearest, ties away from zero. */
#ifndef TINYML_RESIZE_BILINEAR_H
#define TINYML_RESIZE_BILINEAR_H

#include <stdint.h>

struct resize_bilinear_parameters {
    int32_t batches;
    int32_t input_size; /* of one image */
    int32_t output_height, output_width, channels;
};

/* rows and columns hold three numbers for each output row and column: offsets of the two input rows (columns), and
 * the distance from the first in 1/1024. */
__attribute__((always_inline)) static inline void resize_bilinear(const int8_t *input, int8_t *output,
                                                                  const int32_t *rows, const int32_t *columns,
                                                                  struct resize_bilinear_parameters p) {
    const int32_t one = 1 << 10, half = 1 << 19;
    for (int32_t batch = 0; batch < p.batches; batch++, input += p.input_size) {
        for (int32_t y = 0; y < p.output_height; y++) {
            const int8_t *top = input + rows[3 * y], *bottom = input + rows[3 * y + 1];
            const int32_t down = rows[3 * y + 2];
            for (int32_t x = 0; x < p.output_width; x++) {
                const int32_t left = columns[3 * x], right = columns[3 * x + 1], along = columns[3 * x + 2];
                const int32_t top_left = (one - down) * (one - along), top_right = (one - down) * along;
                const int32_t bottom_left = down * (one - along), bottom_right = down * along;
                for (int32_t c = 0; c < p.channels; c++) {
                    const int32_t sum = top[left + c] * top_left + bottom[left + c] * bottom_left +
                                        top[right + c] * top_right + bottom[right + c] * bottom_right;
                    *output++ = (int8_t)((sum > 0 ? sum + half : sum - half) / (1 << 20));
                }
            }
        }
    }
}

#endif
