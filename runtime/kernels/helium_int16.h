/* Blocks of Helium instructions for int16 inputs and int8 weights, each with its plain C twin, as in helium.h. */
#ifndef TINYML_HELIUM_INT16_H
#define TINYML_HELIUM_INT16_H

#include "helium.h"
#include "requantize_int16x8.h"

/* Four channels' sums over count inputs, from the biases on. weights: for each 8 inputs 8 of each channel, the last filled
 * up with zeros. weights and biases advance. */
__attribute__((always_inline)) static inline words_4 dot_4_int16x8(const int8_t *inputs, int32_t count,
                                                                   const int8_t **weights, const int32_t **biases) {
#if defined(__ARM_FEATURE_MVE)
    int32_t s0, s1, s2, s3;
    words_4 sums;
    __asm__("ldrd       %[s0], %[s1], [%[b]], #8\n\t"
            "ldrd       %[s2], %[s3], [%[b]], #8\n\t"
            "dlstp.16   lr, %[n]\n"
            "1:\n\t"
            "vldrh.16   q0, [%[x]], #16\n\t"
            "vldrb.s16  q1, [%[w]], #8\n\t"
            "vmladava.s16 %[s0], q0, q1\n\t"
            "vldrb.s16  q1, [%[w]], #8\n\t"
            "vmladava.s16 %[s1], q0, q1\n\t"
            "vldrb.s16  q1, [%[w]], #8\n\t"
            "vmladava.s16 %[s2], q0, q1\n\t"
            "vldrb.s16  q1, [%[w]], #8\n\t"
            "vmladava.s16 %[s3], q0, q1\n\t"
            "letp       lr, 1b\n\t"
            "vmov       %e[v], %[s0], %[s1]\n\t"
            "vmov       %f[v], %[s2], %[s3]"
            : [x] "+r"(inputs), [w] "+l"(*weights), [b] "+r"(*biases), [s0] "=&Te"(s0), [s1] "=&Te"(s1),
              [s2] "=&Te"(s2), [s3] "=&Te"(s3), [v] "=w"(sums)
            : [n] "r"(count)
            : "q0", "q1", "lr", "memory");
    return sums;
#else
    words_4 sums = load_words(*biases);
    for (int32_t block = 0; block < count; block += 8, *weights += 32)
        for (int32_t i = 0; i < 8 && block + i < count; i++)
            for (int32_t channel = 0; channel < 4; channel++)
                sums.lane[channel] += ((const int16_t *)(const void *)inputs)[block + i] * (*weights)[8 * channel + i];
    *biases += 4;
    return sums;
#endif
}

/* sums[i] + inputs[i] * weights[i] for the first count of four. */
__attribute__((always_inline)) static inline words_4 multiply_add_4_int16x8(words_4 sums, const int16_t *inputs,
                                                                            const int8_t *weights, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    if (count >= 4) return vaddq_s32(sums, vmulq_s32(vldrhq_s32(inputs), vldrbq_s32(weights)));
    const mve_pred16_t lanes = vctp32q((uint32_t)count);
    return vaddq_s32(sums, vmulq_s32(vldrhq_z_s32(inputs, lanes), vldrbq_z_s32(weights, lanes)));
#else
    for (int32_t i = 0; i < 4 && i < count; i++) sums.lane[i] += inputs[i] * weights[i];
    return sums;
#endif
}

/* The upper words of the products, rounded, clamped; stores the first count (at most 4) as half-words. */
__attribute__((always_inline)) static inline void store_4_int16(int16_t *to, words_4 sums, words_4 multipliers,
                                                                int32_t lowest, int32_t highest, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    sums = vrmulhq_s32(sums, multipliers);
    sums = vminq_s32(vmaxq_s32(sums, vdupq_n_s32(lowest)), vdupq_n_s32(highest));
    if (count >= 4)
        vstrhq_s32(to, sums);
    else
        vstrhq_p_s32(to, sums, vctp32q((uint32_t)count));
#else
    for (int32_t i = 0; i < 4 && i < count; i++)
        to[i] = (int16_t)clamp_int16(multiply_to_high_word(sums.lane[i], multipliers.lane[i]), lowest, highest);
#endif
}

#endif
