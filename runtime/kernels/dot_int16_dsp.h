/* Two pixels by two channels of weights widened to half-words, DSP extension: nothing to unpack, two loads for eight
 * dual multiplications. */
#ifndef TINYML_DOT_INT16_DSP_H
#define TINYML_DOT_INT16_DSP_H

#include "simd.h"

#if defined(TINYML_DSP)
/* Straight code, 40 bytes a block. Every register is in use; gcc keeps one of them for itself, so that one is saved here.
 * Sums in r0 to r3, pointers in r12 and lr. Written out, as gcc takes the lines for the length. */
#define TINYML_WIDE_1                                                                                                  \
    "ldm   r12!, {r4, r5, r6, r7}\n\t"                                                                                 \
    "ldm   lr!, {r8, r9, r10, r11}\n\t"                                                                                \
    "smlad r0, r4, r8, r0\n\t"                                                                                         \
    "smlad r2, r6, r8, r2\n\t"                                                                                         \
    "smlad r1, r4, r10, r1\n\t"                                                                                        \
    "smlad r3, r6, r10, r3\n\t"                                                                                        \
    "smlad r0, r5, r9, r0\n\t"                                                                                         \
    "smlad r2, r7, r9, r2\n\t"                                                                                         \
    "smlad r1, r5, r11, r1\n\t"                                                                                        \
    "smlad r3, r7, r11, r3\n\t"
#define TINYML_WIDE_4 TINYML_WIDE_1 TINYML_WIDE_1 TINYML_WIDE_1 TINYML_WIDE_1
#define TINYML_WIDE_16 TINYML_WIDE_4 TINYML_WIDE_4 TINYML_WIDE_4 TINYML_WIDE_4
#define TINYML_DOT_2X2_WIDE(blocks)                                                                                    \
    __asm__("push  {r7}\n\t" blocks "pop   {r7}"                                                                       \
            : "+r"(s00), "+r"(s01), "+r"(s10), "+r"(s11), "+r"(field), "+r"(weight)                                    \
            :                                                                                                          \
            : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "memory")
#endif

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
    int32_t left = blocks;
#pragma GCC unroll 1
    for (; left >= 16; left -= 16) TINYML_DOT_2X2_WIDE(TINYML_WIDE_16);
#pragma GCC unroll 4
    for (; left >= 4; left -= 4) TINYML_DOT_2X2_WIDE(TINYML_WIDE_4);
#pragma GCC unroll 4
    for (; left > 0; left--) TINYML_DOT_2X2_WIDE(TINYML_WIDE_1);
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
