/* Blocks of Helium instructions, each with its plain C twin: what the host runs, and the truth that the block is tested
 * against. Loops end with tail predication: no byte behind the count is read or written. */
#ifndef TINYML_HELIUM_H
#define TINYML_HELIUM_H

#include <stdint.h>

#include "requantize.h"
#include "round_once.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
typedef int32x4_t words_4;
typedef int8x16_t bytes_16;
#else
typedef struct {
    int32_t lane[4];
} words_4;
typedef struct {
    int8_t lane[16];
} bytes_16;
#endif

/* The first count bytes, at most 16; the rest are zeros. */
__attribute__((always_inline)) static inline bytes_16 load_bytes(const int8_t *from, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    if (count <= 0) return vdupq_n_s8(0);
    return count >= 16 ? vldrbq_s8(from) : vldrbq_z_s8(from, vctp8q((uint32_t)count));
#else
    bytes_16 result = {{0}};
    for (int32_t i = 0; i < 16 && i < count; i++) result.lane[i] = from[i];
    return result;
#endif
}

__attribute__((always_inline)) static inline words_4 load_words(const int32_t *from) {
#if defined(__ARM_FEATURE_MVE)
    return vldrwq_s32(from);
#else
    return (words_4){{from[0], from[1], from[2], from[3]}};
#endif
}

/* The four signed bytes of a word. */
__attribute__((always_inline)) static inline words_4 load_word_bytes(const int32_t *from) {
#if defined(__ARM_FEATURE_MVE)
    return vldrbq_s32((const int8_t *)from);
#else
    return (words_4){{(int8_t)from[0], (int8_t)(from[0] >> 8), (int8_t)(from[0] >> 16), from[0] >> 24}};
#endif
}

/* Four channels' sums over count inputs, from the biases on. weights: for each 16 inputs 16 of each channel, the last
 * filled up with zeros. weights and biases advance. */
__attribute__((always_inline)) static inline words_4 dot_4(const int8_t *inputs, int32_t count, const int8_t **weights,
                                                           const int32_t **biases) {
#if defined(__ARM_FEATURE_MVE)
    int32_t s0, s1, s2, s3;
    words_4 sums;
    __asm__("ldrd       %[s0], %[s1], [%[b]], #8\n\t"
            "ldrd       %[s2], %[s3], [%[b]], #8\n\t"
            "dlstp.8    lr, %[n]\n"
            "1:\n\t"
            "vldrb.8    q0, [%[x]], #16\n\t"
            "vldrb.8    q1, [%[w]], #16\n\t"
            "vmladava.s8 %[s0], q0, q1\n\t"
            "vldrb.8    q1, [%[w]], #16\n\t"
            "vmladava.s8 %[s1], q0, q1\n\t"
            "vldrb.8    q1, [%[w]], #16\n\t"
            "vmladava.s8 %[s2], q0, q1\n\t"
            "vldrb.8    q1, [%[w]], #16\n\t"
            "vmladava.s8 %[s3], q0, q1\n\t"
            "letp       lr, 1b\n\t"
            "vmov       %e[v], %[s0], %[s1]\n\t"
            "vmov       %f[v], %[s2], %[s3]"
            : [x] "+r"(inputs), [w] "+r"(*weights), [b] "+r"(*biases), [s0] "=&Te"(s0), [s1] "=&Te"(s1),
              [s2] "=&Te"(s2), [s3] "=&Te"(s3), [v] "=w"(sums)
            : [n] "r"(count)
            : "q0", "q1", "lr", "memory");
    return sums;
#else
    words_4 sums = load_words(*biases);
    for (int32_t block = 0; block < count; block += 16, *weights += 64)
        for (int32_t i = 0; i < 16 && block + i < count; i++)
            for (int32_t channel = 0; channel < 4; channel++)
                sums.lane[channel] += inputs[block + i] * (*weights)[16 * channel + i];
    *biases += 4;
    return sums;
#endif
}

/* dot_4 of one channel or two, whose weights alone are there; the other sums are anything. */
__attribute__((always_inline)) static inline words_4 dot_few(const int8_t *inputs, int32_t count, int32_t channels,
                                                             const int8_t **weights, const int32_t **biases) {
#if defined(__ARM_FEATURE_MVE)
    int32_t s0, s1;
    words_4 sums;
    __asm__("ldrd       %[s0], %[s1], [%[b]], #16"
            : [b] "+r"(*biases), [s0] "=&Te"(s0), [s1] "=&Te"(s1)
            :
            : "memory");
    if (channels == 1)
        __asm__("dlstp.8    lr, %[n]\n"
                "1:\n\t"
                "vldrb.8    q0, [%[x]], #16\n\t"
                "vldrb.8    q1, [%[w]], #16\n\t"
                "vmladava.s8 %[s0], q0, q1\n\t"
                "letp       lr, 1b"
                : [x] "+r"(inputs), [w] "+r"(*weights), [s0] "+Te"(s0)
                : [n] "r"(count)
                : "q0", "q1", "lr", "memory");
    else
        __asm__("dlstp.8    lr, %[n]\n"
                "1:\n\t"
                "vldrb.8    q0, [%[x]], #16\n\t"
                "vldrb.8    q1, [%[w]], #16\n\t"
                "vmladava.s8 %[s0], q0, q1\n\t"
                "vldrb.8    q1, [%[w]], #16\n\t"
                "vmladava.s8 %[s1], q0, q1\n\t"
                "letp       lr, 1b"
                : [x] "+r"(inputs), [w] "+r"(*weights), [s0] "+Te"(s0), [s1] "+Te"(s1)
                : [n] "r"(count)
                : "q0", "q1", "lr", "memory");
    __asm__("vmov       %e[v], %[s0], %[s1]" : [v] "=w"(sums) : [s0] "r"(s0), [s1] "r"(s1));
    return sums;
#else
    words_4 sums = load_words(*biases);
    for (int32_t block = 0; block < count; block += 16, *weights += 16 * channels)
        for (int32_t i = 0; i < 16 && block + i < count; i++)
            for (int32_t channel = 0; channel < channels; channel++)
                sums.lane[channel] += inputs[block + i] * (*weights)[16 * channel + i];
    *biases += 4;
    return sums;
#endif
}

/* The channels of the last group whose weights are there: three are filled up to four. */
__attribute__((always_inline)) static inline int32_t few_channels(int32_t channels) {
    return channels % 4 == 3 ? 0 : channels % 4;
}

/* Inputs that stay in registers while they meet all channels: up to 64, the last block filled up with zeros. */
enum { held_blocks = 4 };
struct held {
    bytes_16 block[held_blocks];
};

__attribute__((always_inline)) static inline struct held hold(const int8_t *from, int32_t count) {
    struct held result;
#pragma GCC unroll 4
    for (int32_t i = 0; i < held_blocks; i++) result.block[i] = load_bytes(from + (16 * i < count ? 16 * i : 0), count - 16 * i);
    return result;
}

/* dot_4 of inputs that are held. */
__attribute__((always_inline)) static inline words_4 dot_held_4(struct held inputs, int32_t count,
                                                                const int8_t **weights, const int32_t **biases) {
#if defined(__ARM_FEATURE_MVE)
    int32_t s0, s1, s2, s3;
    words_4 sums;
    __asm__("ldrd       %[s0], %[s1], [%[b]], #8\n\t"
            "ldrd       %[s2], %[s3], [%[b]], #8"
            : [b] "+r"(*biases), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3)
            :
            : "memory");
#pragma GCC unroll 4
    for (int32_t i = 0; 16 * i < count; i++)
        __asm__("vldrb.8    %q[v], [%[w]], #16\n\t"
                "vmladava.s8 %[s0], %q[x], %q[v]\n\t"
                "vldrb.8    %q[v], [%[w]], #16\n\t"
                "vmladava.s8 %[s1], %q[x], %q[v]\n\t"
                "vldrb.8    %q[v], [%[w]], #16\n\t"
                "vmladava.s8 %[s2], %q[x], %q[v]\n\t"
                "vldrb.8    %q[v], [%[w]], #16\n\t"
                "vmladava.s8 %[s3], %q[x], %q[v]"
                : [w] "+r"(*weights), [s0] "+Te"(s0), [s1] "+Te"(s1), [s2] "+Te"(s2), [s3] "+Te"(s3), [v] "=&w"(sums)
                : [x] "w"(inputs.block[i])
                : "memory");
    __asm__("vmov       %e[v], %[s0], %[s1]\n\t"
            "vmov       %f[v], %[s2], %[s3]"
            : [v] "=w"(sums)
            : [s0] "r"(s0), [s1] "r"(s1), [s2] "r"(s2), [s3] "r"(s3));
    return sums;
#else
    return dot_4(inputs.block[0].lane, count, weights, biases);
#endif
}

/* Requantizes four sums; shifts to the left, so mostly negative. As requantize (wide) or requantize_narrow without the
 * zero point: ties of negative values that no one sees (rectified) go up. */
__attribute__((always_inline)) static inline words_4 requantize_4(words_4 sums, words_4 multipliers, words_4 shifts,
                                                                  int32_t rectified, int32_t wide) {
#if defined(__ARM_FEATURE_MVE)
    if (wide) sums = vshlq_s32(sums, vmaxq_s32(shifts, vdupq_n_s32(0)));
    sums = vqrdmulhq_s32(sums, multipliers);
    if (wide) {
        shifts = vminq_s32(shifts, vdupq_n_s32(0));
        sums = vaddq_s32(sums, vshrq_n_s32(vandq_s32(sums, shifts), 31)); /* none where nothing is shifted */
    } else if (!rectified) {
        sums = vaddq_s32(sums, vshrq_n_s32(sums, 31));
    }
    return vrshlq_s32(sums, shifts);
#else
    for (int32_t i = 0; i < 4; i++)
        sums.lane[i] = wide ? requantize(sums.lane[i], multipliers.lane[i], -shifts.lane[i])
                            : requantize_narrow(sums.lane[i], multipliers.lane[i], -shifts.lane[i] - 1, 0, rectified);
    return sums;
#endif
}

/* The same with one multiplier and one shift for all. */
__attribute__((always_inline)) static inline words_4 requantize_4_alike(words_4 sums, int32_t multiplier, int32_t shift,
                                                                        int32_t rectified, int32_t wide) {
#if defined(__ARM_FEATURE_MVE)
    if (wide && shift > 0) sums = vshlq_r_s32(sums, shift);
    sums = vqrdmulhq_n_s32(sums, multiplier);
    if (shift >= 0) return sums;
    if (!rectified) sums = vaddq_s32(sums, vshrq_n_s32(sums, 31));
    return vrshlq_n_s32(sums, shift);
#else
    const words_4 multipliers = {{multiplier, multiplier, multiplier, multiplier}};
    const words_4 shifts = {{shift, shift, shift, shift}};
    return requantize_4(sums, multipliers, shifts, rectified, wide);
#endif
}

/* The same for sums that are rounded once; multipliers are the bits of float32 numbers. */
__attribute__((always_inline)) static inline words_4 requantize_once_4(words_4 sums, words_4 multipliers) {
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
    return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sums), vreinterpretq_f32_s32(multipliers)));
#elif defined(__ARM_FEATURE_MVE)
    int32_t lanes[4], by[4];
    vstrwq_s32(lanes, sums);
    vstrwq_s32(by, multipliers);
    for (int32_t i = 0; i < 4; i++) lanes[i] = multiply_once(lanes[i], by[i]);
    return vldrwq_s32(lanes);
#else
    for (int32_t i = 0; i < 4; i++) sums.lane[i] = multiply_once(sums.lane[i], multipliers.lane[i]);
    return sums;
#endif
}

__attribute__((always_inline)) static inline words_4 repeated_4(int32_t value) {
#if defined(__ARM_FEATURE_MVE)
    return vdupq_n_s32(value);
#else
    return (words_4){{value, value, value, value}};
#endif
}

/* Adds the zero point, clamps, and stores the first count (at most 4) as bytes. */
__attribute__((always_inline)) static inline void store_4(int8_t *to, words_4 values, int32_t zero_point, int32_t lowest,
                                                          int32_t highest, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    values = vqaddq_n_s32(values, zero_point);
    if (lowest == INT8_MIN && highest == INT8_MAX) { /* takes no registers for the bounds */
        __asm__("vqmovnb.s32 %q0, %q0\n\t"
                "vqmovnb.s16 %q0, %q0"
                : "+w"(values));
    } else {
        values = vminq_s32(vmaxq_s32(values, vdupq_n_s32(lowest)), vdupq_n_s32(highest));
    }
    if (count >= 4)
        vstrbq_s32(to, values);
    else
        vstrbq_p_s32(to, values, vctp32q((uint32_t)count));
#else
    for (int32_t i = 0; i < 4 && i < count; i++) to[i] = (int8_t)clamp(values.lane[i] + zero_point, lowest, highest);
#endif
}

#endif
