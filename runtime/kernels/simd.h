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

#endif
