/* Two weights in one half-word, DSP extension: 256 a + b times an input is 256 times a's product plus b's, so one dual
 * multiplication counts for two outputs and two inputs. A second one, with b alone, tells them apart: three instructions for
 * four products, where unpacking takes four. */
#ifndef TINYML_DOT_STACKED_DSP_H
#define TINYML_DOT_STACKED_DSP_H

#include "simd.h"

/* sum + both products of half-words, modulo 2^32 (SMLAD). */
static inline uint32_t accumulate_wrapping(uint32_t a, uint32_t b, uint32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (uint32_t)((int16_t)a * (int16_t)b) + (uint32_t)((int16_t)(a >> 16) * (int16_t)(b >> 16));
#endif
}

/* The sums of two outputs: of 256 a + b, modulo 2^32, and of b. */
struct stacked {
    uint32_t both, low;
};

/* Twice a's sum, where it is below 2^23: what the other one leaves is a multiple of 256. */
static inline int32_t doubled_high(struct stacked sums) { return (int32_t)(sums.both - sums.low) >> 7; }

static inline int32_t doubled_low(struct stacked sums) { return (int32_t)(sums.low << 1); }

/* One word of weights: two outputs by two inputs. */
static inline void accumulate_stacked(uint32_t inputs, uint32_t weights, struct stacked *sums) {
    sums->both = accumulate_wrapping(inputs, weights, sums->both);
    sums->low = accumulate_wrapping(inputs, extend_even(weights), sums->low);
}

/* Four inputs by four outputs. Inputs are int8, or, where widened, two words of half-words: first and third, second and
 * fourth. weights: outputs 0 and 1, then 2 and 3, for the first word of inputs, then for the second. Both advance. */
__attribute__((always_inline)) static inline void dot_block_stacked(const int8_t **inputs, int32_t widened,
                                                                    const int8_t **weights, struct stacked *sums_0,
                                                                    struct stacked *sums_1) {
#if defined(TINYML_DSP)
#define TINYML_STACKED(load)                                                                                           \
    __asm__(load "ldm    %[w]!, {r4, r5, r6, r8}\n\t"                                                                  \
            "smlad  %[h0], %[e], r4, %[h0]\n\t"                                                                        \
            "sxtb16 r4, r4\n\t"                                                                                        \
            "smlad  %[h1], %[e], r5, %[h1]\n\t"                                                                        \
            "smlad  %[l0], %[e], r4, %[l0]\n\t"                                                                        \
            "sxtb16 r5, r5\n\t"                                                                                        \
            "smlad  %[h0], %[o], r6, %[h0]\n\t"                                                                        \
            "smlad  %[l1], %[e], r5, %[l1]\n\t"                                                                        \
            "sxtb16 r6, r6\n\t"                                                                                        \
            "smlad  %[h1], %[o], r8, %[h1]\n\t"                                                                        \
            "smlad  %[l0], %[o], r6, %[l0]\n\t"                                                                        \
            "sxtb16 r8, r8\n\t"                                                                                        \
            "smlad  %[l1], %[o], r8, %[l1]"                                                                            \
            : [i] "+r"(*inputs), [w] "+r"(*weights), [h0] "+r"(sums_0->both), [l0] "+r"(sums_0->low),                  \
              [h1] "+r"(sums_1->both), [l1] "+r"(sums_1->low), [e] "=&r"(even), [o] "=&r"(odd)                         \
            :                                                                                                          \
            : "r4", "r5", "r6", "r8", "memory")
    uint32_t even, odd;
    if (widened)
        TINYML_STACKED("ldrd   %[e], %[o], [%[i]], #8\n\t");
    else
        TINYML_STACKED("ldr    %[o], [%[i]], #4\n\t"
                       "sxtb16 %[e], %[o]\n\t"
                       "sxtb16 %[o], %[o], ror #8\n\t");
#undef TINYML_STACKED
#else
    const uint32_t word = load_word(*inputs);
    const uint32_t even = widened ? word : extend_even(word), odd = widened ? load_word(*inputs + 4) : extend_odd(word);
    accumulate_stacked(even, load_word(*weights), sums_0);
    accumulate_stacked(even, load_word(*weights + 4), sums_1);
    accumulate_stacked(odd, load_word(*weights + 8), sums_0);
    accumulate_stacked(odd, load_word(*weights + 12), sums_1);
    *inputs += widened ? 8 : 4;
    *weights += 16;
#endif
}

#endif
