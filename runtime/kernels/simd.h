/* The DSP extension's instructions in use, each with its plain C twin: what a core without it (or the host) runs,
 * and the truth that the instruction is tested against. */
#ifndef TINYML_SIMD_H
#define TINYML_SIMD_H

#include <stdint.h>

/* Bytes 0 and 2 of word, sign-extended to two half-words. */
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

/* sum + low(a) * low(b) + high(a) * high(b), signed half-words. */
static inline int32_t multiply_accumulate_dual(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
#endif
}

/* sum += dot of four int8 weights with four inputs, given as extend_even and extend_odd of their word. One block, so
 * that the compiler's scheduler, which does not count registers, leaves it together. */
static inline void dot_word(uint32_t even, uint32_t odd, uint32_t weights, int32_t *sum) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t extended;
    __asm__("sxtb16 %[x], %[w]\n\t"
            "smlad  %[s], %[e], %[x], %[s]\n\t"
            "sxtb16 %[x], %[w], ror #8\n\t"
            "smlad  %[s], %[o], %[x], %[s]"
            : [s] "+r"(*sum), [x] "=&r"(extended)
            : [w] "r"(weights), [e] "r"(even), [o] "r"(odd));
#else
    *sum = multiply_accumulate_dual(even, extend_even(weights), *sum);
    *sum = multiply_accumulate_dual(odd, extend_odd(weights), *sum);
#endif
}

/* The same weights for two pixels at once: each is extended once. */
static inline void dot_word_pair(const uint32_t even[2], const uint32_t odd[2], uint32_t weights, int32_t *sum_0,
                                 int32_t *sum_1) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t extended;
    __asm__("sxtb16 %[x], %[w]\n\t"
            "smlad  %[s0], %[e0], %[x], %[s0]\n\t"
            "smlad  %[s1], %[e1], %[x], %[s1]\n\t"
            "sxtb16 %[x], %[w], ror #8\n\t"
            "smlad  %[s0], %[o0], %[x], %[s0]\n\t"
            "smlad  %[s1], %[o1], %[x], %[s1]"
            : [s0] "+r"(*sum_0), [s1] "+r"(*sum_1), [x] "=&r"(extended)
            : [w] "r"(weights), [e0] "r"(even[0]), [e1] "r"(even[1]), [o0] "r"(odd[0]), [o1] "r"(odd[1]));
#else
    dot_word(even[0], odd[0], weights, sum_0);
    dot_word(even[1], odd[1], weights, sum_1);
#endif
}

#endif
