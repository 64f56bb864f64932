/* Values that only move, into an output of a value whose bytes differ (PADV2 of int16, int32, float32, int64). */
#ifndef TINYML_REARRANGE_FILLED_H
#define TINYML_REARRANGE_FILLED_H

#include "rearrange.h"

struct rearrange_filled_parameters {
    int32_t fill_elements, element_bytes; /* 2, 4 or 8 bytes each */
    int32_t fill_low, fill_high; /* an element's words */
    int32_t input_start, output_start;
    int32_t extents[5], input_strides[5], output_strides[5];
    int32_t length;
};

/* As rearrange, all in bytes. */
__attribute__((always_inline)) static inline void rearrange_filled(const void *input, int8_t *output,
                                                                   struct rearrange_filled_parameters p) {
    const int32_t words[2] = {p.fill_low, p.fill_high};
    int8_t element[sizeof words];
    memcpy(element, words, sizeof words);
    for (int32_t i = 0; i < p.fill_elements; i++) copy_bytes(output + i * p.element_bytes, element, p.element_bytes);
    rearrange(input, output,
              (struct rearrange_parameters){
                  .input_start = p.input_start,
                  .output_start = p.output_start,
                  .extents = {p.extents[0], p.extents[1], p.extents[2], p.extents[3], p.extents[4]},
                  .input_strides = {p.input_strides[0], p.input_strides[1], p.input_strides[2], p.input_strides[3],
                                    p.input_strides[4]},
                  .output_strides = {p.output_strides[0], p.output_strides[1], p.output_strides[2],
                                     p.output_strides[3], p.output_strides[4]},
                  .length = p.length,
              });
}

#endif
