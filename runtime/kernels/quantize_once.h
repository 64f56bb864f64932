/* QUANTIZE, float32 to int8, in graphs that round once: halves to the even neighbour. */
#ifndef TINYML_QUANTIZE_ONCE_H
#define TINYML_QUANTIZE_ONCE_H

#include <string.h>

#include "quantize.h"
#include "round_once.h"

__attribute__((always_inline)) static inline void quantize_once(const void *input, int8_t *output, const float *scale,
                                                                struct quantize_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        float real;
        memcpy(&real, (const uint8_t *)input + 4 * i, sizeof real);
        output[i] = (int8_t)clamp(quantize_float(real, *scale, p.zero_point), INT8_MIN, INT8_MAX);
    }
}

#endif
