/* Layers that run as one, a few rows at a time: which rows come next, and where the rows stay that are read again. */
#ifndef TINYML_ROWS_H
#define TINYML_ROWS_H

#include <stdint.h>
#include <string.h>

/* How many of a layer's rows are wanted, when `wanted` follow from what the last layer makes. */
static inline int32_t rows_until(int32_t wanted, int32_t rows) { return wanted < rows ? wanted : rows; }

/* The first row that row `row` of the next layer reads. */
static inline int32_t first_read(int32_t row, int32_t stride, int32_t padding) {
    const int32_t top = row * stride - padding;
    return top > 0 ? top : 0;
}

static inline int32_t lower_row(int32_t a, int32_t b) { return a < b ? a : b; }

/* A word of rows: on Armv6-M at an aligned address, elsewhere anywhere. */
static inline uint32_t load_row_word(const int8_t *from) {
    uint32_t word;
#if defined(__ARM_ARCH_6M__)
    memcpy(&word, __builtin_assume_aligned(from, 4), sizeof word);
#else
    memcpy(&word, from, sizeof word);
#endif
    return word;
}

static inline void store_row_word(int8_t *to, uint32_t word) {
#if defined(__ARM_ARCH_6M__)
    memcpy(__builtin_assume_aligned(to, 4), &word, sizeof word);
#else
    memcpy(to, &word, sizeof word);
#endif
}

/* A buffer, aligned for words, holds the rows [from, made). Drops those before `first`: the others move to its start.
 * Returns the first row that it holds now. */
__attribute__((noinline, unused)) static int32_t keep_rows(int8_t *buffer, int32_t row_bytes, int32_t from,
                                                           int32_t first, int32_t made) {
    if (first > made) first = made;
    if (first == from) return from;
    int8_t *to = buffer;
    const int8_t *kept = buffer + (first - from) * row_bytes;
    int32_t left = (made - first) * row_bytes;
#if defined(__ARM_ARCH_6M__)
    const int32_t has_words = (kept - buffer) % 4 == 0;
#else
    const int32_t has_words = 1;
#endif
    /* Forwards: what is read lies above what is written. */
    if (has_words)
        for (; left >= 16; left -= 16, to += 16, kept += 16) {
            const uint32_t words[4] = {load_row_word(kept), load_row_word(kept + 4), load_row_word(kept + 8),
                                       load_row_word(kept + 12)};
            for (int32_t i = 0; i < 4; i++) store_row_word(to + 4 * i, words[i]);
            __asm__("" ::: "memory"); /* keeps the compiler from calling memmove */
        }
    for (; left > 0; left--) {
        *to++ = *kept++;
        __asm__("" ::: "memory");
    }
    return first;
}

#endif
