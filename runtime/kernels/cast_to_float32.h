/* CAST from integers and truths to float32. */
#ifndef TINYML_CAST_TO_FLOAT32_H
#define TINYML_CAST_TO_FLOAT32_H

#include "cast_integers.h"

struct cast_to_float32_parameters {
    int32_t count;
    int32_t input_bytes; /* 1, 2 or 4 */
    int32_t input_unsigned; /* 0 or 1, of single bytes */
};

/* output may be input where both have elements of the same size. */
__attribute__((always_inline)) static inline void cast_to_float32(const void *input, void *output,
                                                                  struct cast_to_float32_parameters p) {
    for (int32_t i = 0; i < p.count; i++) {
        const float value = (float)load_integer(input, i, p.input_bytes, p.input_unsigned);
        __builtin_memcpy((int8_t *)output + 4 * i, &value, sizeof value);
    }
}

#endif
