/* DEQUANTIZE, int16 to float32. */
#ifndef TINYML_DEQUANTIZE_INT16_H
#define TINYML_DEQUANTIZE_INT16_H

#include "dequantize.h"

__attribute__((always_inline)) static inline void dequantize_int16(const void *input_halves, void *output,
                                                                   const float *scale, struct dequantize_parameters p) {
    const int16_t *input = input_halves;
    for (int32_t i = 0; i < p.count; i++) {
        const float real = *scale * (float)(input[i] - p.zero_point);
        memcpy((uint8_t *)output + 4 * i, &real, sizeof real);
    }
}

#endif
