/* CAST between integers, and truths. */
#ifndef TINYML_CAST_H
#define TINYML_CAST_H

#include "cast_integers.h"

struct cast_parameters {
    int32_t count;
    int32_t input_bytes, output_bytes; /* 1, 2 or 4 */
    int32_t input_unsigned, output_truth; /* 0 or 1, of single bytes */
};

/* output may be input where both have elements of the same size. */
__attribute__((always_inline)) static inline void cast(const void *input, void *output, struct cast_parameters p) {
    for (int32_t i = 0; i < p.count; i++)
        store_integer(output, i, load_integer(input, i, p.input_bytes, p.input_unsigned), p.output_bytes, p.output_truth);
}

#endif
