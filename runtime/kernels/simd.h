/* Blocks of DSP instructions, each with its plain C twin: what a core without the extension (or the host) runs, and the
 * truth that the block is tested against. A block is one piece of assembly, so that the compiler's scheduler, which does
 * not count registers, leaves it together. */
#ifndef TINYML_SIMD_H
#define TINYML_SIMD_H

#include "memory.h"

/* The widest blocks need thirteen registers. gcc finds them from -O1 on; with -Os, or without optimization, it keeps too
 * much else in registers, so there the twins are put together from single instructions. */
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__) && !defined(__OPTIMIZE_SIZE__)
#define TINYML_DSP
#endif

/* Bytes 0 and 2 of word, sign-extended to two half-words (SXTB16). */
static inline uint32_t extend_even(uint32_t word) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(word));
    return result;
#else
    return ((uint32_t)(int8_t)word & 0xffffu) | (uint32_t)(int8_t)(word >> 16) << 16;
#endif
}

/* Bytes 1 and 3 of word, sign-extended to two half-words. */
static inline uint32_t extend_odd(uint32_t word) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(word));
    return result;
#else
    return extend_even(word >> 8);
#endif
}

#if !defined(TINYML_DSP)
/* sum + low(a) * low(b) + high(a) * high(b), signed half-words (SMLAD). */
static inline int32_t multiply_accumulate_dual(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
#endif
}

/* sum + the dot product of four int8 weights with four widened inputs. */
static inline int32_t dot_word(uint32_t even, uint32_t odd, uint32_t weights, int32_t sum) {
    return multiply_accumulate_dual(odd, extend_odd(weights),
                                    multiply_accumulate_dual(even, extend_even(weights), sum));
}

static inline uint32_t widened_word(const int8_t *widened, int32_t index) {
    return load_word(widened + 4 * index);
}
#endif

/* Two pixels by two channels, four inputs deep: sums[p][c] += .... widened: even and odd half-words of pixel 0, then of
 * pixel 1; weights: four of channel 0, then of channel 1. Both advance; both are word-aligned. */
__attribute__((always_inline)) static inline void dot_block_2x2(const int8_t **widened, const int8_t **weights,
                                                                int32_t *sum_00, int32_t *sum_01, int32_t *sum_10,
                                                                int32_t *sum_11) {
#if defined(TINYML_DSP)
    uint32_t w0, w1, x;
    __asm__("ldm    %[f]!, {r4, r5, r6, r8}\n\t"
            "ldrd   %[w0], %[w1], [%[w]], #8\n\t"
            "sxtb16 %[x], %[w0]\n\t"
            "smlad  %[s00], r4, %[x], %[s00]\n\t"
            "smlad  %[s10], r6, %[x], %[s10]\n\t"
            "sxtb16 %[w0], %[w0], ror #8\n\t"
            "smlad  %[s00], r5, %[w0], %[s00]\n\t"
            "smlad  %[s10], r8, %[w0], %[s10]\n\t"
            "sxtb16 %[x], %[w1]\n\t"
            "smlad  %[s01], r4, %[x], %[s01]\n\t"
            "smlad  %[s11], r6, %[x], %[s11]\n\t"
            "sxtb16 %[w1], %[w1], ror #8\n\t"
            "smlad  %[s01], r5, %[w1], %[s01]\n\t"
            "smlad  %[s11], r8, %[w1], %[s11]"
            : [f] "+r"(*widened), [w] "+r"(*weights), [s00] "+r"(*sum_00), [s01] "+r"(*sum_01), [s10] "+r"(*sum_10),
              [s11] "+r"(*sum_11), [w0] "=&r"(w0), [w1] "=&r"(w1), [x] "=&r"(x)
            :
            : "r4", "r5", "r6", "r8", "memory");
#else
    const uint32_t w0 = load_word(*weights), w1 = load_word(*weights + 4);
    *sum_00 = dot_word(widened_word(*widened, 0), widened_word(*widened, 1), w0, *sum_00);
    *sum_01 = dot_word(widened_word(*widened, 0), widened_word(*widened, 1), w1, *sum_01);
    *sum_10 = dot_word(widened_word(*widened, 2), widened_word(*widened, 3), w0, *sum_10);
    *sum_11 = dot_word(widened_word(*widened, 2), widened_word(*widened, 3), w1, *sum_11);
    *widened += 16;
    *weights += 8;
#endif
}

/* The same for one channel. */
__attribute__((always_inline)) static inline void dot_block_2x1(const int8_t **widened, const int8_t **weights,
                                                                int32_t *sum_0, int32_t *sum_1) {
#if defined(TINYML_DSP)
    uint32_t w, x;
    __asm__("ldm    %[f]!, {r4, r5, r6, r8}\n\t"
            "ldr    %[w0], [%[w]], #4\n\t"
            "sxtb16 %[x], %[w0]\n\t"
            "smlad  %[s0], r4, %[x], %[s0]\n\t"
            "smlad  %[s1], r6, %[x], %[s1]\n\t"
            "sxtb16 %[w0], %[w0], ror #8\n\t"
            "smlad  %[s0], r5, %[w0], %[s0]\n\t"
            "smlad  %[s1], r8, %[w0], %[s1]"
            : [f] "+r"(*widened), [w] "+r"(*weights), [s0] "+r"(*sum_0), [s1] "+r"(*sum_1), [w0] "=&r"(w),
              [x] "=&r"(x)
            :
            : "r4", "r5", "r6", "r8", "memory");
#else
    const uint32_t w = load_word(*weights);
    *sum_0 = dot_word(widened_word(*widened, 0), widened_word(*widened, 1), w, *sum_0);
    *sum_1 = dot_word(widened_word(*widened, 2), widened_word(*widened, 3), w, *sum_1);
    *widened += 16;
    *weights += 4;
#endif
}

/* One pixel by four channels, four inputs deep. inputs: four int8; weights: four of each channel. Both advance;
 * weights are word-aligned. */
__attribute__((always_inline)) static inline void dot_block_1x4(const int8_t **inputs, const int8_t **weights,
                                                                int32_t *sum_0, int32_t *sum_1, int32_t *sum_2,
                                                                int32_t *sum_3) {
#if defined(TINYML_DSP)
    uint32_t even, odd, x;
    __asm__("ldr    %[o], [%[i]], #4\n\t"
            "ldm    %[w]!, {r4, r5, r6, r8}\n\t"
            "sxtb16 %[e], %[o]\n\t"
            "sxtb16 %[o], %[o], ror #8\n\t"
            "sxtb16 %[x], r4\n\t"
            "sxtb16 r4, r4, ror #8\n\t"
            "smlad  %[s0], %[e], %[x], %[s0]\n\t"
            "smlad  %[s0], %[o], r4, %[s0]\n\t"
            "sxtb16 %[x], r5\n\t"
            "sxtb16 r5, r5, ror #8\n\t"
            "smlad  %[s1], %[e], %[x], %[s1]\n\t"
            "smlad  %[s1], %[o], r5, %[s1]\n\t"
            "sxtb16 %[x], r6\n\t"
            "sxtb16 r6, r6, ror #8\n\t"
            "smlad  %[s2], %[e], %[x], %[s2]\n\t"
            "smlad  %[s2], %[o], r6, %[s2]\n\t"
            "sxtb16 %[x], r8\n\t"
            "sxtb16 r8, r8, ror #8\n\t"
            "smlad  %[s3], %[e], %[x], %[s3]\n\t"
            "smlad  %[s3], %[o], r8, %[s3]"
            : [i] "+r"(*inputs), [w] "+r"(*weights), [s0] "+r"(*sum_0), [s1] "+r"(*sum_1), [s2] "+r"(*sum_2),
              [s3] "+r"(*sum_3), [e] "=&r"(even), [o] "=&r"(odd), [x] "=&r"(x)
            :
            : "r4", "r5", "r6", "r8", "memory");
#else
    const uint32_t word = load_word(*inputs), even = extend_even(word), odd = extend_odd(word);
    *sum_0 = dot_word(even, odd, load_word(*weights), *sum_0);
    *sum_1 = dot_word(even, odd, load_word(*weights + 4), *sum_1);
    *sum_2 = dot_word(even, odd, load_word(*weights + 8), *sum_2);
    *sum_3 = dot_word(even, odd, load_word(*weights + 12), *sum_3);
    *inputs += 4;
    *weights += 16;
#endif
}

/* Four channels, each with its own input and weight: sums[i] += input[i] * weights[i]; the weights advance. */
__attribute__((always_inline)) static inline void multiply_block_4(const int8_t *input, const int8_t **weights,
                                                                   int32_t *sum_0, int32_t *sum_1, int32_t *sum_2,
                                                                   int32_t *sum_3) {
#if defined(TINYML_DSP)
    struct bytes {
        int8_t at[4];
    };
    uint32_t i, w, x, y;
    __asm__("ldr    %[i], %[input]\n\t"
            "ldr    %[w], [%[weights]], #4\n\t"
            "sxtb16 %[x], %[i]\n\t"
            "sxtb16 %[y], %[w]\n\t"
            "sxtb16 %[i], %[i], ror #8\n\t"
            "smlabb %[s0], %[x], %[y], %[s0]\n\t"
            "sxtb16 %[w], %[w], ror #8\n\t"
            "smlatt %[s2], %[x], %[y], %[s2]\n\t"
            "smlabb %[s1], %[i], %[w], %[s1]\n\t"
            "smlatt %[s3], %[i], %[w], %[s3]"
            : [s0] "+r"(*sum_0), [s1] "+r"(*sum_1), [s2] "+r"(*sum_2), [s3] "+r"(*sum_3), [weights] "+r"(*weights),
              [i] "=&r"(i), [w] "=&r"(w), [x] "=&r"(x), [y] "=&r"(y)
            : [input] "m"(*(const struct bytes *)input)
            : "memory");
#else
    *sum_0 += input[0] * (*weights)[0];
    *sum_1 += input[1] * (*weights)[1];
    *sum_2 += input[2] * (*weights)[2];
    *sum_3 += input[3] * (*weights)[3];
    *weights += 4;
#endif
}

/* Four channels, two of which share an input: sums[i] += input[i / 2] * weights[i]; the weights advance. */
__attribute__((always_inline)) static inline void multiply_block_2_by_2(const int8_t *input, const int8_t **weights,
                                                                        int32_t *sum_0, int32_t *sum_1, int32_t *sum_2,
                                                                        int32_t *sum_3) {
#if defined(TINYML_DSP)
    struct bytes {
        int8_t at[2];
    };
    uint32_t i, w, y;
    __asm__("ldrh   %[i], %[input]\n\t"
            "ldr    %[w], [%[weights]], #4\n\t"
            "orr    %[i], %[i], %[i], lsl #8\n\t" /* the second one into the third byte */
            "sxtb16 %[y], %[w]\n\t"
            "sxtb16 %[i], %[i]\n\t"
            "smlabb %[s0], %[i], %[y], %[s0]\n\t"
            "sxtb16 %[w], %[w], ror #8\n\t"
            "smlatt %[s2], %[i], %[y], %[s2]\n\t"
            "smlabb %[s1], %[i], %[w], %[s1]\n\t"
            "smlatt %[s3], %[i], %[w], %[s3]"
            : [s0] "+r"(*sum_0), [s1] "+r"(*sum_1), [s2] "+r"(*sum_2), [s3] "+r"(*sum_3), [weights] "+r"(*weights),
              [i] "=&r"(i), [w] "=&r"(w), [y] "=&r"(y)
            : [input] "m"(*(const struct bytes *)input)
            : "memory");
#else
    *sum_0 += input[0] * (*weights)[0];
    *sum_1 += input[0] * (*weights)[1];
    *sum_2 += input[1] * (*weights)[2];
    *sum_3 += input[1] * (*weights)[3];
    *weights += 4;
#endif
}

#endif
