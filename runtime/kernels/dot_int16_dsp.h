/* Two pixels by two channels of weights widened to half-words, DSP extension: nothing to unpack, two loads for eight
 * dual multiplications. */
#ifndef TINYML_DOT_INT16_DSP_H
#define TINYML_DOT_INT16_DSP_H

#include "simd.h"

#if defined(TINYML_DSP)
/* `blocks` blocks of straight code, 40 bytes each. Every register is in use; gcc keeps one of them for itself, so that one
 * is saved here. Sums in r0 to r3, pointers in r12 and lr. */
#define TINYML_DOT_2X2_WIDE(blocks)                                                                                    \
    __asm__("push  {r7}\n\t"                                                                                           \
            ".rept %c[n]\n\t"                                                                                          \
            "ldm   r12!, {r4, r5, r6, r7}\n\t"                                                                         \
            "ldm   lr!, {r8, r9, r10, r11}\n\t"                                                                        \
            "smlad r0, r4, r8, r0\n\t"                                                                                 \
            "smlad r2, r6, r8, r2\n\t"                                                                                 \
            "smlad r1, r4, r10, r1\n\t"                                                                                \
            "smlad r3, r6, r10, r3\n\t"                                                                                \
            "smlad r0, r5, r9, r0\n\t"                                                                                 \
            "smlad r2, r7, r9, r2\n\t"                                                                                 \
            "smlad r1, r5, r11, r1\n\t"                                                                                \
            "smlad r3, r7, r11, r3\n\t"                                                                                \
            ".endr\n\t"                                                                                                \
            "pop   {r7}"                                                                                               \
            : "+r"(s00), "+r"(s01), "+r"(s10), "+r"(s11), "+r"(field), "+r"(weight)                                    \
            : [n] "i"(blocks)                                                                                          \
            : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "memory")
#endif

/* The longest run of blocks in one piece of straight code. */
enum { straight_blocks = 40 };

/* sums[p][c] += dot product over 4 * blocks inputs. widened: for each block two words of pixel 0, then of pixel 1;
 * weights: for each block two words of channel 0, then of channel 1; a word holds two half-words. Both advance; both are
 * word-aligned. */
__attribute__((always_inline)) static inline void dot_2x2_wide(const int8_t **widened, const int16_t **weights,
                                                               int32_t blocks, int32_t *sum_00, int32_t *sum_01,
                                                               int32_t *sum_10, int32_t *sum_11) {
#if defined(TINYML_DSP)
    register int32_t s00 __asm__("r0") = *sum_00;
    register int32_t s01 __asm__("r1") = *sum_01;
    register int32_t s10 __asm__("r2") = *sum_10;
    register int32_t s11 __asm__("r3") = *sum_11;
    register const int8_t *field __asm__("r12") = *widened;
    register const int16_t *weight __asm__("lr") = *weights;
    if (__builtin_constant_p(blocks)) {
        const int32_t pieces = (blocks + straight_blocks - 1) / straight_blocks;
        const int32_t each = pieces == 0 ? 0 : blocks / pieces, left = pieces == 0 ? 0 : blocks % pieces;
#pragma GCC unroll 1
        for (int32_t piece = 0; piece < pieces; piece++) TINYML_DOT_2X2_WIDE(each);
        if (left > 0) TINYML_DOT_2X2_WIDE(left);
    } else {
        int32_t block = 0;
#pragma GCC unroll 1
        for (; block + 4 <= blocks; block += 4) TINYML_DOT_2X2_WIDE(4);
#pragma GCC unroll 1
        for (; block < blocks; block++) TINYML_DOT_2X2_WIDE(1);
    }
    *sum_00 = s00, *sum_01 = s01, *sum_10 = s10, *sum_11 = s11;
    *widened = field, *weights = weight;
#else
    for (int32_t block = 0; block < blocks; block++, *widened += 16, *weights += 8)
        for (int32_t half = 0; half < 2; half++) {
            const uint32_t x0 = widened_word(*widened, half), x1 = widened_word(*widened, 2 + half);
            const int8_t *bytes = (const int8_t *)*weights;
            const uint32_t w0 = load_word(bytes + 4 * half), w1 = load_word(bytes + 8 + 4 * half);
            *sum_00 = multiply_accumulate_dual(x0, w0, *sum_00);
            *sum_01 = multiply_accumulate_dual(x0, w1, *sum_01);
            *sum_10 = multiply_accumulate_dual(x1, w0, *sum_10);
            *sum_11 = multiply_accumulate_dual(x1, w1, *sum_11);
        }
#endif
}

#endif
