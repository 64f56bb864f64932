/* DEQUANTIZE, int8 to float32. */
#ifndef TINYML_DEQUANTIZE_H
#define TINYML_DEQUANTIZE_H

#include <stdint.h>
#include <string.h>

struct dequantize_parameters {
    int32_t count, zero_point;
};

__attribute__((always_inline)) static inline void dequantize(const int8_t *input, void *output, const float *scale,
                                                             struct dequantize_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        const float real = *scale * (float)(input[i] - p.zero_point);
        memcpy((uint8_t *)output + 4 * i, &real, sizeof real);
    }
}

#endif
