/* Values that only move, by tables: GATHER, MIRROR_PAD, RESIZE_NEAREST_NEIGHBOR by an odd ratio. */
#ifndef TINYML_GATHER_H
#define TINYML_GATHER_H

#include "memory.h"

struct gather_parameters {
    int32_t rows, columns;
    int32_t length; /* bytes of neighbours that move together */
};

/* output [rows, columns, length]: a run starts at row_starts[row] + column_starts[column] of the input. */
__attribute__((always_inline)) static inline void gather(const void *input, int8_t *output,
                                                         const int32_t *row_starts, const int32_t *column_starts,
                                                         struct gather_parameters p) {
    const int8_t *const bytes = (const int8_t *)input;
    for (int32_t row = 0; row < p.rows; row++)
        for (int32_t column = 0; column < p.columns; column++, output += p.length)
            copy_bytes(output, bytes + row_starts[row] + column_starts[column], p.length);
}

#endif
