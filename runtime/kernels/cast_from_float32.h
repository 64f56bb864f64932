/* CAST from float32 to integers and truths. */
#ifndef TINYML_CAST_FROM_FLOAT32_H
#define TINYML_CAST_FROM_FLOAT32_H

#include "cast_integers.h"

struct cast_from_float32_parameters {
    int32_t count;
    int32_t output_bytes; /* 1, 2 or 4 */
    int32_t output_truth; /* 0 or 1, of single bytes */
};

/* Towards zero; the end of int32 where it does not fit, 0 where it is no number. */
__attribute__((always_inline)) static inline int32_t whole_of(float x) {
    if (x != x) return 0;
    if (x >= 2147483648.0f) return INT32_MAX;
    return x <= -2147483648.0f ? INT32_MIN : (int32_t)x;
}

/* output may be input where both have elements of the same size. */
__attribute__((always_inline)) static inline void cast_from_float32(const void *input, void *output,
                                                                    struct cast_from_float32_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        float value;
        __builtin_memcpy(&value, (const int8_t *)input + 4 * i, sizeof value);
        store_integer(output, i, p.output_truth ? value != 0.0f : whole_of(value), p.output_bytes, p.output_truth);
    }
}

#endif
