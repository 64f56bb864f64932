/* Dot products of two fields at once for Armv6-M, whose multiply gives 32 bits: the inputs of both fields lie in the
 * halves of a word, plus 128 each, and meet weights plus 128, so one product holds two products of 16 bits. */
#ifndef TINYML_DOT_INT8_PAIR_V6M_H
#define TINYML_DOT_INT8_PAIR_V6M_H

#include <stdint.h>

#include "memory.h"

#if defined(__ARM_ARCH_6M__) && defined(__OPTIMIZE__)
#define TINYML_V6M_BLOCKS 1
#else
#define TINYML_V6M_BLOCKS 0
#endif

/* Every instruction on a line of its own: the compiler counts them to know how far its branches reach. */
#define TINYML_WIDEN(from_offset, to_offset)     \
    "ldrb %[v], [%[from], #" from_offset "]\n\t" \
    "eors %[v], %[v], %[bias]\n\t"               \
    "strh %[v], [%[to], #" to_offset "]\n\t"     \
    "adds %[sum], %[sum], %[v]\n\t"

/* Stores count inputs plus 128 in every other half-word from `to` on; returns their sum. */
__attribute__((always_inline)) static inline int32_t widen_v6m(int8_t *to, const int8_t *from, int32_t count) {
    int32_t sum = 0;
    int32_t left = count;
#if TINYML_V6M_BLOCKS
    if (count >= 8) {
        uint32_t value;
        const int8_t *const end = from + count / 8 * 8;
        __asm__(".syntax unified\n"
                "1:\n\t"
                TINYML_WIDEN("0", "0") TINYML_WIDEN("1", "4") TINYML_WIDEN("2", "8") TINYML_WIDEN("3", "12")
                TINYML_WIDEN("4", "16") TINYML_WIDEN("5", "20") TINYML_WIDEN("6", "24") TINYML_WIDEN("7", "28")
                "adds %[from], %[from], #8\n\t"
                "adds %[to], %[to], #32\n\t"
                "cmp %[from], %[end]\n\t"
                "bne 1b"
                : [from] "+l"(from), [to] "+l"(to), [sum] "+l"(sum), [v] "=&l"(value)
                : [end] "h"(end), [bias] "l"(0x80)
                : "cc", "memory");
        left = count % 8;
    }
#endif
    for (; left > 0; left--, to += 4) {
        const uint16_t value = (uint8_t)(*from++ ^ 0x80);
        memcpy(to, &value, sizeof value);
        sum += value;
    }
    return sum;
}

#undef TINYML_WIDEN

/* Sums over both halves: total of the whole products modulo 2^32, upper of their upper halves. */
struct pair_sums {
    uint32_t total, upper;
};

#if TINYML_V6M_BLOCKS
#define TINYML_PAIR(offset, w0, w1)       \
    "ldr %[a], [%[x], #" offset "]\n\t"   \
    "ldrb %[p], [%[w], #" w0 "]\n\t"      \
    "muls %[p], %[a], %[p]\n\t"           \
    "adds %[t0], %[t0], %[p]\n\t"         \
    "lsrs %[p], %[p], #16\n\t"            \
    "adds %[u0], %[u0], %[p]\n\t"         \
    "ldrb %[p], [%[w], #" w1 "]\n\t"      \
    "muls %[p], %[a], %[p]\n\t"           \
    "adds %[t1], %[t1], %[p]\n\t"         \
    "lsrs %[p], %[p], #16\n\t"            \
    "adds %[u1], %[u1], %[p]\n\t"
#define TINYML_PAIR_LOOP(body, words, bytes, turns)                                                                 \
    __asm__(".syntax unified\n"                                                                                     \
            "1:\n\t"                                                                                                \
            body                                                                                                    \
            "adds %[x], %[x], #" words "\n\t"                                                                       \
            "adds %[w], %[w], #" bytes "\n\t"                                                                       \
            "cmp %[x], %[end]\n\t"                                                                                  \
            "bne 1b"                                                                                                \
            : [x] "+l"(x), [w] "+l"(weights), [t0] "+l"(sums[0].total), [u0] "+l"(sums[0].upper),                   \
              [t1] "+l"(sums[1].total), [u1] "+l"(sums[1].upper), [a] "=&l"(a), [p] "=&l"(product)                  \
            : [end] "h"(x + (turns))                                                                                \
            : "cc", "memory")
#endif

/* size inputs of both fields by two channels; weights: [size][2]. Returns the weights behind the ones used. */
__attribute__((always_inline)) static inline const int8_t *dot_pair_v6m(const int8_t *x, int32_t size,
                                                                        const int8_t *weights,
                                                                        struct pair_sums sums[2]) {
#if TINYML_V6M_BLOCKS
    uint32_t a, product;
    if (size >= 8)
        TINYML_PAIR_LOOP(TINYML_PAIR("0", "0", "1") TINYML_PAIR("4", "2", "3") TINYML_PAIR("8", "4", "5")
                         TINYML_PAIR("12", "6", "7") TINYML_PAIR("16", "8", "9") TINYML_PAIR("20", "10", "11")
                         TINYML_PAIR("24", "12", "13") TINYML_PAIR("28", "14", "15"), "32", "16", size / 8 * 32);
    if (size % 8 > 0) TINYML_PAIR_LOOP(TINYML_PAIR("0", "0", "1"), "4", "2", size % 8 * 4);
    return weights;
#else
    for (int32_t k = 0; k < size; k++, x += 4)
        for (int32_t c = 0; c < 2; c++) {
            const uint32_t product = load_word(x) * (uint8_t)*weights++;
            sums[c].total += product;
            sums[c].upper += product >> 16;
        }
    return weights;
#endif
}

#if TINYML_V6M_BLOCKS
#undef TINYML_PAIR_LOOP
#undef TINYML_PAIR
#endif

#endif
