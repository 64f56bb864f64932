/* QUANTIZE between integers of 8, 16 and 32 bits: another scale and zero point. */
#ifndef TINYML_QUANTIZE_INTEGERS_H
#define TINYML_QUANTIZE_INTEGERS_H

#include "requantize.h"

struct quantize_integers_parameters {
    int32_t count;
    int32_t input_bytes, output_bytes; /* 1, 2 or 4 */
    int32_t input_unsigned; /* 1: bytes from 0 to 255; what the output is, its limits say */
    int32_t offset; /* minus the input's zero point */
    int32_t multiplier, shift; /* right shift */
    int32_t output_zero_point;
    int32_t output_min, output_max;
};

__attribute__((always_inline)) static inline void quantize_integers(const void *input, void *output,
                                                                    struct quantize_integers_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        int32_t value;
        if (p.input_bytes == 1)
            value = p.input_unsigned ? ((const uint8_t *)input)[i] : ((const int8_t *)input)[i];
        else
            value = p.input_bytes == 2 ? ((const int16_t *)input)[i] : ((const int32_t *)input)[i];
        value = requantize((int32_t)((uint32_t)value + (uint32_t)p.offset), p.multiplier, p.shift);
        value = (int32_t)((uint32_t)value + (uint32_t)p.output_zero_point);
        value = value < p.output_min ? p.output_min : value > p.output_max ? p.output_max : value;
        if (p.output_bytes == 1)
            ((uint8_t *)output)[i] = (uint8_t)value;
        else if (p.output_bytes == 2)
            ((int16_t *)output)[i] = (int16_t)value;
        else
            ((int32_t *)output)[i] = value;
    }
}

#endif
