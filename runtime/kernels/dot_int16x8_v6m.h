/* Dot products of one int16 vector with four channels for Armv6-M: as in dot_int8_v6m.h the weights are stored plus 128,
 * as byte loads with an offset are unsigned only, and the sums start lower by 128 times the sum of inputs. */
#ifndef TINYML_DOT_INT16X8_V6M_H
#define TINYML_DOT_INT16X8_V6M_H

#include "dot_int8_v6m.h"

/* Sums of 32 bits that may wrap on the way. */
static inline int32_t add_wrapping(int32_t sum, int32_t value) { return (int32_t)((uint32_t)sum + (uint32_t)value); }

/* size inputs by four channels; weights: four channels of each input. Both advance. */
__attribute__((always_inline)) static inline void dot_1x4_int16x8_v6m(const int8_t **inputs, int32_t size,
                                                                      const int8_t **weights, int32_t *sum_0,
                                                                      int32_t *sum_1, int32_t *sum_2, int32_t *sum_3) {
#if defined(__ARM_ARCH_6M__) && defined(__OPTIMIZE__)
    uint32_t a, x;
/* One input: its value, then load, multiply, add for each channel. */
#define TINYML_INPUT(k, w0, w1, w2, w3)    \
    "ldrh %[a], [%[i], #" k "]\n\t"        \
    "sxth %[a], %[a]\n\t"                  \
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
            : [end] "h"(*inputs + 2 * (count))                                                                     \
            : "cc", "memory")
    if (size >= 4)
        TINYML_LOOP(TINYML_INPUT("0", "0", "1", "2", "3") TINYML_INPUT("2", "4", "5", "6", "7")
                    TINYML_INPUT("4", "8", "9", "10", "11") TINYML_INPUT("6", "12", "13", "14", "15"),
                    "8", "16", size / 4 * 4);
    if (size % 4 > 0) TINYML_LOOP(TINYML_INPUT("0", "0", "1", "2", "3"), "2", "4", size % 4);
#undef TINYML_LOOP
#undef TINYML_INPUT
#else
    for (int32_t k = 0; k < size; k++, *inputs += 2, *weights += 4) {
        const int32_t value = *(const int16_t *)(const void *)*inputs;
        *sum_0 = add_wrapping(*sum_0, value * (uint8_t)(*weights)[0]);
        *sum_1 = add_wrapping(*sum_1, value * (uint8_t)(*weights)[1]);
        *sum_2 = add_wrapping(*sum_2, value * (uint8_t)(*weights)[2]);
        *sum_3 = add_wrapping(*sum_3, value * (uint8_t)(*weights)[3]);
    }
#endif
}

/* What the sums start lower by, for one pixel's field. */
__attribute__((always_inline)) static inline int32_t weight_bias_int16x8_v6m(const struct field *field, int32_t rows,
                                                                             int32_t length) {
    const int8_t *row = field->start;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < rows; ky++, row += field->stride)
#pragma GCC unroll unroll_4
        for (int32_t k = 0; k < length; k++) sum += ((const int16_t *)(const void *)row)[k];
    return (int32_t)((uint32_t)sum * biased_weight);
}

/* As dot_int16x8, for one pixel and biased weights. */
__attribute__((always_inline)) static inline const int8_t *
dot_int16x8_v6m(const struct field *fields, int32_t pixels, int32_t rows, int32_t length, const int8_t *weights,
                int32_t channels, int32_t sums[max_pixels][max_channels]) {
    (void)pixels;
    const int8_t *row = fields[0].start;
    int32_t *const sum = sums[0];
    for (int32_t ky = 0; ky < rows; ky++, row += fields[0].stride) {
        const int8_t *at = row;
        if (channels == 4)
            dot_1x4_int16x8_v6m(&at, length, &weights, &sum[0], &sum[1], &sum[2], &sum[3]);
        else
            for (int32_t k = 0; k < length; k++, at += 2)
                for (int32_t c = 0; c < channels; c++)
                    sum[c] = add_wrapping(sum[c], *(const int16_t *)(const void *)at * (uint8_t)*weights++);
    }
    return weights;
}

#endif
