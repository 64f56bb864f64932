/* QUANTIZE, float32 to int8: rounded to nearest, ties away from zero. */
#ifndef TINYML_QUANTIZE_H
#define TINYML_QUANTIZE_H

#include <string.h>

#include "requantize.h"

struct quantize_parameters {
    int32_t count, zero_point;
};

__attribute__((always_inline)) static inline void quantize(const void *input, int8_t *output, const float *scale,
                                                           struct quantize_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        float real;
        memcpy(&real, (const uint8_t *)input + 4 * i, sizeof real);
        const float scaled = real / *scale;
        int32_t whole = 0; /* not-a-number */
        if (scaled >= 1024.0f) {
            whole = 1024;
        } else if (scaled <= -1024.0f) {
            whole = -1024;
        } else if (scaled == scaled) {
            whole = (int32_t)scaled;
            const float fraction = scaled - (float)whole;
            if (fraction >= 0.5f) whole++;
            if (fraction <= -0.5f) whole--;
        }
        output[i] = (int8_t)clamp(whole + p.zero_point, INT8_MIN, INT8_MAX);
    }
}

#endif
