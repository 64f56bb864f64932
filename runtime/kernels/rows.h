/* Layers that run as one, a few rows at a time: which rows come next, and where the rows stay that are read again. */
#ifndef TINYML_ROWS_H
#define TINYML_ROWS_H

#include <stdint.h>
#include <string.h>

#include "memory.h"

/* How many of a layer's rows are wanted, when `wanted` follow from what the last layer makes. */
static inline int32_t rows_until(int32_t wanted, int32_t rows) { return wanted < rows ? wanted : rows; }

/* The first row that row `row` of the next layer reads. */
static inline int32_t first_read(int32_t row, int32_t stride, int32_t padding) {
    const int32_t top = row * stride - padding;
    return top > 0 ? top : 0;
}

static inline int32_t lower_row(int32_t a, int32_t b) { return a < b ? a : b; }

/* A buffer holds the rows [from, made). Drops those before `first`: the others move to its start. Returns the first row
 * that it holds now. Rows are whole words, the buffer is aligned for them. */
__attribute__((noinline, unused)) static int32_t keep_rows(int8_t *buffer, int32_t row_bytes, int32_t from,
                                                           int32_t first, int32_t made) {
    if (first > made) first = made;
    if (first == from) return from;
    int8_t *to = __builtin_assume_aligned(buffer, 4);
    const int8_t *kept = __builtin_assume_aligned(buffer + (first - from) * row_bytes, 4);
    /* Forwards: what is read lies above what is written. */
#if defined(__ARM_FEATURE_MVE)
    copy_bytes(to, kept, (made - first) * row_bytes); /* reads each block before it writes it */
#else
    for (const int8_t *end = kept + (made - first) * row_bytes; kept != end; kept += 4, to += 4) {
        uint32_t word;
        memcpy(&word, kept, sizeof word);
        memcpy(to, &word, sizeof word);
        __asm__("" ::: "memory"); /* keeps the compiler from calling memmove */
    }
#endif
    return first;
}

/* The same for rows of any number of bytes. */
__attribute__((noinline, unused)) static int32_t keep_rows_of_bytes(int8_t *buffer, int32_t row_bytes, int32_t from,
                                                                    int32_t first, int32_t made) {
    if (first > made) first = made;
    if (first == from) return from;
    const int8_t *kept = buffer + (first - from) * row_bytes;
    for (const int8_t *end = kept + (made - first) * row_bytes; kept != end;) {
        *buffer++ = *kept++;
        __asm__("" ::: "memory");
    }
    return first;
}

#endif
