/* Values that only move, by nested loops: TRANSPOSE, slices, padding, concatenation, blocks of pixels. */
#ifndef TINYML_REARRANGE_H
#define TINYML_REARRANGE_H

#include "memory.h"

struct rearrange_parameters {
    int32_t fill_count, fill_value; /* the output before anything moves; a count of 0 leaves it as it is */
    int32_t input_start, output_start; /* all in bytes */
    int32_t extents[5], input_strides[5], output_strides[5]; /* outermost first */
    int32_t length; /* neighbours that move together */
};

__attribute__((always_inline)) static inline void rearrange(const void *input, int8_t *output,
                                                            struct rearrange_parameters p) {
    const int8_t *const bytes = (const int8_t *)input;
    fill_bytes(output, p.fill_value, p.fill_count);
    for (int32_t i = 0; i < p.extents[0]; i++)
        for (int32_t j = 0; j < p.extents[1]; j++)
            for (int32_t k = 0; k < p.extents[2]; k++)
                for (int32_t l = 0; l < p.extents[3]; l++) {
                    const int8_t *from = bytes + p.input_start + i * p.input_strides[0] + j * p.input_strides[1] +
                                         k * p.input_strides[2] + l * p.input_strides[3];
                    int8_t *to = output + p.output_start + i * p.output_strides[0] + j * p.output_strides[1] +
                                 k * p.output_strides[2] + l * p.output_strides[3];
                    for (int32_t m = 0; m < p.extents[4]; m++)
                        copy_bytes(to + m * p.output_strides[4], from + m * p.input_strides[4], p.length);
                }
}

#endif
