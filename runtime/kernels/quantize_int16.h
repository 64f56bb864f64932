/* QUANTIZE, float32 to int16: rounded to nearest, ties away from zero. */
#ifndef TINYML_QUANTIZE_INT16_H
#define TINYML_QUANTIZE_INT16_H

#include "quantize.h"
#include "requantize_int16x8.h"

__attribute__((always_inline)) static inline void quantize_int16(const void *input, void *output_halves,
                                                                 const float *scale, struct quantize_parameters p) {
    int16_t *output = output_halves;
    for (int32_t i = 0; i < p.count; i++) {
        float real;
        memcpy(&real, (const uint8_t *)input + 4 * i, sizeof real);
        const float scaled = real / *scale;
        int32_t whole = 0; /* not-a-number */
        if (scaled >= 131072.0f) {
            whole = 131072;
        } else if (scaled <= -131072.0f) {
            whole = -131072;
        } else if (scaled == scaled) {
            whole = (int32_t)scaled;
            const float fraction = scaled - (float)whole;
            if (fraction >= 0.5f) whole++;
            if (fraction <= -0.5f) whole--;
        }
        output[i] = (int16_t)clamp_int16(whole + p.zero_point, INT16_MIN, INT16_MAX);
    }
}

#endif
