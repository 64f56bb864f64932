/* Dot products for Armv7-M without the DSP extension: one piece of assembly for the whole loop, which keeps all sums in
 * registers. Each block has its plain C twin. */
#ifndef TINYML_DOT_INT8_V7M_H
#define TINYML_DOT_INT8_V7M_H

#include <stdint.h>

#if defined(__ARM_ARCH_7M__) && defined(__OPTIMIZE__)
#define TINYML_V7M_BLOCKS 1
#else
#define TINYML_V7M_BLOCKS 0
#endif

#if TINYML_V7M_BLOCKS
/* Every instruction on a line of its own: the compiler counts them to know how far its branches reach. */
#define TINYML_TWO_PIXELS(s0, s1)                \
    "ldrsb %[v], [%[w]], #1\n\t"                 \
    "mla %[" s0 "], %[a], %[v], %[" s0 "]\n\t"   \
    "mla %[" s1 "], %[b], %[v], %[" s1 "]\n\t"
#define TINYML_INPUT_2X4                                                                  \
    "ldrsb %[b], [%[x], %[d]]\n\t"                                                        \
    "ldrsb %[a], [%[x]], #1\n\t"                                                          \
    TINYML_TWO_PIXELS("s00", "s10") TINYML_TWO_PIXELS("s01", "s11")                       \
    TINYML_TWO_PIXELS("s02", "s12") TINYML_TWO_PIXELS("s03", "s13")
/* `turns` times the inputs of body, from fields size bytes apart, by four channels. */
#define TINYML_LOOP_2X4(body, inputs)                                                                         \
    __asm__("1:\n\t"                                                                                          \
            body                                                                                              \
            "cmp %[x], %[end]\n\t"                                                                            \
            "bne 1b"                                                                                          \
            : [x] "+r"(x), [w] "+r"(weights), [s00] "+r"(sums[0][0]), [s01] "+r"(sums[0][1]),                 \
              [s02] "+r"(sums[0][2]), [s03] "+r"(sums[0][3]), [s10] "+r"(sums[1][0]), [s11] "+r"(sums[1][1]), \
              [s12] "+r"(sums[1][2]), [s13] "+r"(sums[1][3]), [a] "=&r"(a), [b] "=&r"(b), [v] "=&r"(v)        \
            : [end] "r"(x + (inputs)), [d] "i"(size)                                                          \
            : "cc", "memory")

/* The same by channels c and c + 1 of the four, for a distance known only at run time. */
__attribute__((always_inline)) static inline void loop_2x2_of_4(const int8_t *x, int32_t distance, int32_t turns,
                                                                const int8_t *weights, int32_t *sum_00, int32_t *sum_01,
                                                                int32_t *sum_10, int32_t *sum_11) {
    int32_t a, b, v;
    __asm__("1:\n\t"
            "ldrsb %[b], [%[x], %[d]]\n\t"
            "ldrsb %[a], [%[x]], #1\n\t"
            "ldrsb %[v], [%[w], #1]\n\t"
            "mla %[s01], %[a], %[v], %[s01]\n\t"
            "mla %[s11], %[b], %[v], %[s11]\n\t"
            "ldrsb %[v], [%[w]], #4\n\t"
            "mla %[s00], %[a], %[v], %[s00]\n\t"
            "mla %[s10], %[b], %[v], %[s10]\n\t"
            "cmp %[x], %[end]\n\t"
            "bne 1b"
            : [x] "+r"(x), [w] "+r"(weights), [s00] "+r"(*sum_00), [s01] "+r"(*sum_01), [s10] "+r"(*sum_10),
              [s11] "+r"(*sum_11), [a] "=&r"(a), [b] "=&r"(b), [v] "=&r"(v)
            : [end] "r"(x + turns), [d] "r"(distance)
            : "cc", "memory");
}
#endif

/* sums[p][c] += dot(field p, weights of channel c) for two fields of size bytes, one behind the other. Weights:
 * [size][4]. Returns the weights behind the ones used. */
__attribute__((always_inline)) static inline const int8_t *dot_2x4_v7m(const int8_t *fields, int32_t size,
                                                                       const int8_t *weights, int32_t sums[2][4]) {
#if TINYML_V7M_BLOCKS
    if (__builtin_constant_p(size)) {
        if (size < 4096) {
            const int8_t *x = fields;
            int32_t a, b, v;
            if (size / 4 > 0)
                TINYML_LOOP_2X4(TINYML_INPUT_2X4 TINYML_INPUT_2X4 TINYML_INPUT_2X4 TINYML_INPUT_2X4, size / 4 * 4);
            if (size % 4 > 0) TINYML_LOOP_2X4(TINYML_INPUT_2X4, size % 4);
            return weights;
        }
    }
    loop_2x2_of_4(fields, size, size, weights, &sums[0][0], &sums[0][1], &sums[1][0], &sums[1][1]);
    loop_2x2_of_4(fields, size, size, weights + 2, &sums[0][2], &sums[0][3], &sums[1][2], &sums[1][3]);
    return weights + 4 * size;
#else
    for (int32_t k = 0; k < size; k++)
        for (int32_t c = 0; c < 4; c++) {
            const int32_t weight = *weights++;
            sums[0][c] += fields[k] * weight;
            sums[1][c] += fields[size + k] * weight;
        }
    return weights;
#endif
}

/* sums[c] += dot(input, weights of channel c). Weights: [size][8]. */
__attribute__((always_inline)) static inline const int8_t *dot_1x8_v7m(const int8_t *input, int32_t size,
                                                                       const int8_t *weights, int32_t sums[8]) {
#if TINYML_V7M_BLOCKS
    int32_t a, v;
#define TINYML_CHANNEL(s) "ldrsb %[v], [%[w]], #1\n\tmla %[" s "], %[a], %[v], %[" s "]\n\t"
#define TINYML_INPUT_1X8                                                                    \
    "ldrsb %[a], [%[x]], #1\n\t"                                                            \
    TINYML_CHANNEL("s0") TINYML_CHANNEL("s1") TINYML_CHANNEL("s2") TINYML_CHANNEL("s3")     \
    TINYML_CHANNEL("s4") TINYML_CHANNEL("s5") TINYML_CHANNEL("s6") TINYML_CHANNEL("s7")
#define TINYML_LOOP_1X8(body, inputs)                                                                             \
    __asm__("1:\n\t"                                                                                              \
            body                                                                                                  \
            "cmp %[x], %[end]\n\t"                                                                                \
            "bne 1b"                                                                                              \
            : [x] "+r"(input), [w] "+r"(weights), [s0] "+r"(sums[0]), [s1] "+r"(sums[1]), [s2] "+r"(sums[2]),     \
              [s3] "+r"(sums[3]), [s4] "+r"(sums[4]), [s5] "+r"(sums[5]), [s6] "+r"(sums[6]), [s7] "+r"(sums[7]), \
              [a] "=&r"(a), [v] "=&r"(v)                                                                          \
            : [end] "r"(input + (inputs))                                                                         \
            : "cc", "memory")
    if (size / 4 > 0)
        TINYML_LOOP_1X8(TINYML_INPUT_1X8 TINYML_INPUT_1X8 TINYML_INPUT_1X8 TINYML_INPUT_1X8, size / 4 * 4);
    if (size % 4 > 0) TINYML_LOOP_1X8(TINYML_INPUT_1X8, size % 4);
#undef TINYML_INPUT_1X8
#undef TINYML_LOOP_1X8
#undef TINYML_CHANNEL
    return weights;
#else
    for (int32_t k = 0; k < size; k++)
        for (int32_t c = 0; c < 8; c++) sums[c] += input[k] * *weights++;
    return weights;
#endif
}

#if TINYML_V7M_BLOCKS
#undef TINYML_LOOP_2X4
#undef TINYML_INPUT_2X4
#undef TINYML_TWO_PIXELS
#endif

#endif
