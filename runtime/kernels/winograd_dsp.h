/* Winograd's minimal filtering F(2x2, 3x3) in whole numbers, DSP extension: four outputs of a 3x3 filter from 16 products
 * instead of 36. Inputs B'dB are at most 4 * 128; filters (2G)g(2G)' at most 9 * 127, made at build time; what comes out is
 * exactly four times the sums, modulo 2^32. */
#ifndef TINYML_WINOGRAD_DSP_H
#define TINYML_WINOGRAD_DSP_H

#include "dot_int16_dsp.h"

/* Half-words side by side (SADD16, SSUB16). */
static inline uint32_t add_halves(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t result;
    __asm__("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
#else
    return ((a + b) & 0xffffu) | (((a >> 16) + (b >> 16)) << 16);
#endif
}

static inline uint32_t subtract_halves(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t result;
    __asm__("ssub16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
#else
    return ((a - b) & 0xffffu) | (((a >> 16) - (b >> 16)) << 16);
#endif
}

/* One row of four transformed inputs of two tiles from one row of six inputs. Words of a tile's position are
 * `position_bytes` apart, those of the other tile 8 bytes further on. */
__attribute__((always_inline)) static inline void transform_row(int8_t *to, int32_t position_bytes, uint32_t x0,
                                                                uint32_t x1, uint32_t x2, uint32_t x3, uint32_t x4,
                                                                uint32_t x5) {
    store_word(to, subtract_halves(x0, x2));
    store_word(to + position_bytes, add_halves(x1, x2));
    store_word(to + 2 * position_bytes, subtract_halves(x2, x1));
    store_word(to + 3 * position_bytes, subtract_halves(x1, x3));
    store_word(to + 8, subtract_halves(x2, x4));
    store_word(to + position_bytes + 8, add_halves(x3, x4));
    store_word(to + 2 * position_bytes + 8, subtract_halves(x4, x3));
    store_word(to + 3 * position_bytes + 8, subtract_halves(x3, x5));
}

/* The same from two rows of four channels, `pixel` bytes to the next input, added or subtracted. */
__attribute__((always_inline)) static inline void transform_rows(int8_t *to, int32_t position_bytes, const int8_t *a,
                                                                 const int8_t *b, int32_t pixel, int32_t is_sum) {
#pragma GCC unroll 2
    for (int32_t odd = 0; odd < 2; odd++) {
        uint32_t x[6];
#pragma GCC unroll 6
        for (int32_t column = 0; column < 6; column++) {
            const uint32_t first = load_word(a + column * pixel), second = load_word(b + column * pixel);
            const uint32_t first_half = odd ? extend_odd(first) : extend_even(first);
            const uint32_t second_half = odd ? extend_odd(second) : extend_even(second);
            x[column] = is_sum ? add_halves(first_half, second_half) : subtract_halves(first_half, second_half);
        }
        transform_row(to + 4 * odd, position_bytes, x[0], x[1], x[2], x[3], x[4], x[5]);
    }
}

/* The inputs of two neighbouring tiles, four rows of six pixels, transformed: for each of 16 positions `blocks` blocks of
 * four channels as dot_2x2_wide reads them. */
__attribute__((always_inline)) static inline void transform_inputs(int8_t *to, int32_t position_bytes,
                                                                   const int8_t *const rows[4], int32_t pixel,
                                                                   int32_t blocks) {
    const int8_t *row_0 = rows[0], *row_1 = rows[1], *row_2 = rows[2], *row_3 = rows[3];
#pragma GCC unroll 1
    for (int32_t block = 0; block < blocks; block++, to += 16) {
        transform_rows(to, position_bytes, row_0, row_2, pixel, 0);
        transform_rows(to + 4 * position_bytes, position_bytes, row_1, row_2, pixel, 1);
        transform_rows(to + 8 * position_bytes, position_bytes, row_2, row_1, pixel, 0);
        transform_rows(to + 12 * position_bytes, position_bytes, row_1, row_3, pixel, 0);
        row_0 += 4, row_1 += 4, row_2 += 4, row_3 += 4;
    }
}

#if defined(TINYML_DSP)
/* The first block makes the sums. */
#define TINYML_START_1                                                                                                 \
    "ldm   r12!, {r4, r5, r6, r7}\n\t"                                                                                 \
    "ldm   lr!, {r8, r9, r10, r11}\n\t"                                                                                \
    "smuad r0, r4, r8\n\t"                                                                                             \
    "smuad r2, r6, r8\n\t"                                                                                             \
    "smuad r1, r4, r10\n\t"                                                                                            \
    "smuad r3, r6, r10\n\t"                                                                                            \
    "smlad r0, r5, r9, r0\n\t"                                                                                         \
    "smlad r2, r7, r9, r2\n\t"                                                                                         \
    "smlad r1, r5, r11, r1\n\t"                                                                                        \
    "smlad r3, r7, r11, r3\n\t"
#define TINYML_POSITION(blocks)                                                                                        \
    __asm__ volatile("push  {r7}\n\t" TINYML_START_1 blocks "stm   r12!, {r0, r1, r2, r3}\n\t"                         \
                     "pop   {r7}"                                                                                      \
                     : "+r"(field), "+r"(weight)                                                                       \
                     :                                                                                                 \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "memory")
#define TINYML_WIDE_3 TINYML_WIDE_1 TINYML_WIDE_1 TINYML_WIDE_1
#endif

/* The sums of 16 positions, for two tiles by two channels, stored behind each position's inputs. Returns the weights
 * behind those that it used. */
__attribute__((always_inline)) static inline const int16_t *multiply_positions(int8_t *transformed,
                                                                               const int16_t *weights, int32_t blocks) {
#if defined(TINYML_DSP)
    if (blocks == 4 || blocks == 8) {
        register int8_t *field __asm__("r12") = transformed;
        register const int16_t *weight __asm__("lr") = weights;
#pragma GCC unroll 1
        for (int32_t position = 0; position < 16; position++) {
            if (blocks == 4)
                TINYML_POSITION(TINYML_WIDE_3);
            else
                TINYML_POSITION(TINYML_WIDE_3 TINYML_WIDE_4);
        }
        return weight;
    }
#endif
    const int8_t *field = transformed;
#pragma GCC unroll 1
    for (int32_t position = 0; position < 16; position++) {
        int32_t sums[4] = {0, 0, 0, 0};
        dot_2x2_wide(&field, &weights, blocks, &sums[0], &sums[1], &sums[2], &sums[3]);
        int8_t *to = transformed + (field - transformed);
        for (int32_t i = 0; i < 4; i++) store_word(to + 4 * i, (uint32_t)sums[i]);
        field += 16;
    }
    return weights;
}

/* Four times the sums of a tile's outputs, by rows, from those of its 16 positions. */
__attribute__((always_inline)) static inline void transform_outputs(const int8_t *sums, int32_t position_bytes,
                                                                    uint32_t outputs[4]) {
    uint32_t above[4], below[4];
#pragma GCC unroll 4
    for (int32_t column = 0; column < 4; column++) {
        const int8_t *at = sums + column * position_bytes;
        const uint32_t m1 = load_word(at + 4 * position_bytes), m2 = load_word(at + 8 * position_bytes);
        above[column] = load_word(at) + m1 + m2;
        below[column] = m1 - m2 - load_word(at + 12 * position_bytes);
    }
    outputs[0] = above[0] + above[1] + above[2];
    outputs[1] = above[1] - above[2] - above[3];
    outputs[2] = below[0] + below[1] + below[2];
    outputs[3] = below[1] - below[2] - below[3];
}

#endif
