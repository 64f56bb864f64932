/* Dot products of one input vector with four channels for Armv6-M: eight low registers, byte loads with an offset are
 * unsigned only. The weights are therefore stored plus 128, and the sums start lower by 128 times the sum of inputs. */
#ifndef TINYML_DOT_INT8_V6M_H
#define TINYML_DOT_INT8_V6M_H

#include "dot_int8.h"
#include "unroll.h"

enum { biased_weight = 128 };

/* size inputs by four channels; weights: four channels of each input. Both advance. */
__attribute__((always_inline)) static inline void dot_1x4_v6m(const int8_t **inputs, int32_t size,
                                                              const int8_t **weights, int32_t *sum_0, int32_t *sum_1,
                                                              int32_t *sum_2, int32_t *sum_3) {
#if defined(__ARM_ARCH_6M__) && defined(__OPTIMIZE__)
    uint32_t a, x;
/* One input: its value, then load, multiply, add for each channel. */
#define TINYML_INPUT(k, w0, w1, w2, w3)    \
    "ldrb %[a], [%[i], #" k "]\n\t"        \
    "sxtb %[a], %[a]\n\t"                  \
    "ldrb %[x], [%[w], #" w0 "]\n\t"       \
    "muls %[x], %[a], %[x]\n\t"            \
    "adds %[s0], %[s0], %[x]\n\t"          \
    "ldrb %[x], [%[w], #" w1 "]\n\t"       \
    "muls %[x], %[a], %[x]\n\t"            \
    "adds %[s1], %[s1], %[x]\n\t"          \
    "ldrb %[x], [%[w], #" w2 "]\n\t"       \
    "muls %[x], %[a], %[x]\n\t"            \
    "adds %[s2], %[s2], %[x]\n\t"          \
    "ldrb %[x], [%[w], #" w3 "]\n\t"       \
    "muls %[x], %[a], %[x]\n\t"            \
    "adds %[s3], %[s3], %[x]\n\t"
#define TINYML_LOOP(body, taken, used, count)                                                                      \
    __asm__(".syntax unified\n"                                                                                    \
            "1:\n\t"                                                                                               \
            body                                                                                                   \
            "adds %[i], %[i], #" taken "\n\t"                                                                      \
            "adds %[w], %[w], #" used "\n\t"                                                                       \
            "cmp %[i], %[end]\n\t"                                                                                 \
            "bne 1b"                                                                                               \
            : [i] "+l"(*inputs), [w] "+l"(*weights), [s0] "+l"(*sum_0), [s1] "+l"(*sum_1), [s2] "+l"(*sum_2),      \
              [s3] "+l"(*sum_3), [a] "=&l"(a), [x] "=&l"(x)                                                        \
            : [end] "h"(*inputs + (count))                                                                         \
            : "cc", "memory")
    if (size >= 8)
        TINYML_LOOP(TINYML_INPUT("0", "0", "1", "2", "3") TINYML_INPUT("1", "4", "5", "6", "7")
                    TINYML_INPUT("2", "8", "9", "10", "11") TINYML_INPUT("3", "12", "13", "14", "15")
                    TINYML_INPUT("4", "16", "17", "18", "19") TINYML_INPUT("5", "20", "21", "22", "23")
                    TINYML_INPUT("6", "24", "25", "26", "27") TINYML_INPUT("7", "28", "29", "30", "31"),
                    "8", "32", size / 8 * 8);
    if (size % 8 > 0) TINYML_LOOP(TINYML_INPUT("0", "0", "1", "2", "3"), "1", "4", size % 8);
#undef TINYML_LOOP
#undef TINYML_INPUT
#else
    for (int32_t k = 0; k < size; k++, (*inputs)++, *weights += 4) {
        *sum_0 += **inputs * (uint8_t)(*weights)[0];
        *sum_1 += **inputs * (uint8_t)(*weights)[1];
        *sum_2 += **inputs * (uint8_t)(*weights)[2];
        *sum_3 += **inputs * (uint8_t)(*weights)[3];
    }
#endif
}

/* As dot_int8, for one pixel and biased weights. */
__attribute__((always_inline)) static inline const int8_t *
dot_int8_v6m(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
             int32_t channels, int32_t sums[max_pixels][max_channels]) {
    (void)pixels;
    const int8_t *start = fields[0].start;
    int32_t *const sum = sums[0];
    for (int32_t row = 0; row < rows; row++, start += fields[0].stride) {
        const int8_t *at = start;
        if (channels == 4)
            dot_1x4_v6m(&at, length, &weights, &sum[0], &sum[1], &sum[2], &sum[3]);
        else
            for (int32_t k = 0; k < length; k++, at++)
#pragma GCC unroll 4
                for (int32_t c = 0; c < channels; c++) sum[c] += *at * (uint8_t)*weights++;
    }
    return weights;
}

/* What the sums start lower by, for one pixel's field. */
__attribute__((always_inline)) static inline int32_t weight_bias_v6m(const struct field *field, int32_t rows,
                                                                     int32_t length) {
    const int8_t *start = field->start;
    int32_t sum = 0;
    for (int32_t row = 0; row < rows; row++, start += field->stride)
#pragma GCC unroll unroll_4
        for (int32_t k = 0; k < length; k++) sum += start[k];
    return sum * biased_weight;
}

#endif
