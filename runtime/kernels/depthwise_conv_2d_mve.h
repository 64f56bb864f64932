/* DEPTHWISE_CONV_2D with one output per input channel, or two, or a multiple of eight, int8, Helium: eight outputs at a
 * time. */
#ifndef TINYML_DEPTHWISE_CONV_2D_MVE_H
#define TINYML_DEPTHWISE_CONV_2D_MVE_H

#include "convolution.h"
#include "helium.h"
#include "unroll.h"

/* Sums of channels 0, 2, 4, 6 and of channels 1, 3, 5, 7. */
struct sums_8 {
    words_4 even, odd;
};

/* Products of the first count (at most 8) inputs and eight weights, channel by channel. Two of them make a sum that fits
 * a half-word, where no weight is -128. */
#if defined(__ARM_FEATURE_MVE)
typedef int16x8_t products_8;
#else
typedef struct {
    int16_t lane[8];
} products_8;
#endif

/* Of the inputs at row + offset. Weights advance, and row does by step. One piece of assembly: gcc 12 moves the loads of all taps to the front and then has
 * no registers for them, and may not take one out of a loop that fills the patch anew. (Loads that widen take low
 * registers.) */
__attribute__((always_inline)) static inline products_8 multiply_8(const int8_t **row, int32_t offset, int32_t step,
                                                                   const int8_t **weights, int32_t count) {
    products_8 products;
#if defined(__ARM_FEATURE_MVE)
    if (count >= 8 && __builtin_constant_p(step) && step == 0 && __builtin_constant_p(offset) && offset < 128)
        __asm__ volatile("vldrb.s16   %q[p], [%[x], %[offset]]\n\t"
                "vldrb.s16   q0, [%[w]], #8\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [p] "=&w"(products)
                : [x] "l"(*row), [offset] "i"(offset)
                : "q0", "memory");
    else if (count >= 8 && __builtin_constant_p(offset) && offset == 0 && __builtin_constant_p(step) && step < 128)
        __asm__ volatile("vldrb.s16   %q[p], [%[x]], %[step]\n\t"
                "vldrb.s16   q0, [%[w]], #8\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [x] "+l"(*row), [p] "=&w"(products)
                : [step] "i"(step)
                : "q0", "memory");
    else if (count >= 8 && __builtin_constant_p(offset) && offset == 0)
        __asm__ volatile("vldrb.s16   %q[p], [%[x]]\n\t"
                "vldrb.s16   q0, [%[w]], #8\n\t"
                "add         %[x], %[step]\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [x] "+l"(*row), [p] "=&w"(products)
                : [step] "r"(step)
                : "q0", "cc", "memory");
    else if (count >= 8) {
        __asm__ volatile("vldrb.s16   %q[p], [%[x]]\n\t"
                "vldrb.s16   q0, [%[w]], #8\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [p] "=&w"(products)
                : [x] "l"(*row + offset)
                : "q0", "memory");
        *row += step;
    } else {
        __asm__ volatile("vldrb.s16   %q[p], [%[w]], #8\n\t"
                "vmul.i16    %q[p], %q[p], %q[x]"
                : [w] "+l"(*weights), [p] "=&w"(products)
                : [x] "w"(vldrbq_z_s16(*row + offset, vctp16q((uint32_t)count)))
                : "memory");
        *row += step;
    }
#else
    for (int32_t i = 0; i < 8; i++) products.lane[i] = (int16_t)(i < count ? (*row)[offset + i] * (*weights)[i] : 0);
    *weights += 8;
    *row += step;
#endif
    return products;
}

/* As multiply_8, where `shared` outputs have one input: two of them, or all eight. */
__attribute__((always_inline)) static inline products_8
multiply_shared_8(const int8_t **from, int32_t offset, int32_t step, int32_t shared, const int8_t **weights, int32_t count) {
    products_8 products;
    const int8_t *row = *from + offset;
    *from += step;
#if defined(__ARM_FEATURE_MVE)
    if (shared == 2) {
        /* Four inputs as words: each goes into the upper half of its word too. */
        const int32x4_t inputs =
            count >= 8 ? vldrbq_s32(row) : vldrbq_z_s32(row, vctp32q((uint32_t)(count + 1) / 2));
        products = vreinterpretq_s16_s32(vsliq_n_s32(inputs, inputs, 16));
    } else {
        products = vdupq_n_s16(row[0]);
    }
    products = vmulq_s16(products, vldrbq_s16(*weights));
    *weights += 8;
    /* Or gcc 12 loads for all taps first, and has no registers for that. */
    __asm__ volatile("" : "+r"(*weights), "+w"(products)::"memory");
#else
    for (int32_t i = 0; i < 8; i++)
        products.lane[i] = (int16_t)(i < count ? row[shared == 2 ? i / 2 : 0] * (*weights)[i] : 0);
    *weights += 8;
#endif
    return products;
}

/* Of the tap before the first one: gcc 12 would load zeros from a table. */
__attribute__((always_inline)) static inline products_8 no_products(void) {
#if defined(__ARM_FEATURE_MVE)
    products_8 none;
    __asm__("vmov.i32 %q0, #0" : "=w"(none));
    return none;
#else
    return (products_8){{0}};
#endif
}

__attribute__((always_inline)) static inline products_8 add_products(products_8 a, products_8 b) {
#if defined(__ARM_FEATURE_MVE)
    return vaddq_s16(a, b);
#else
    for (int32_t i = 0; i < 8; i++) a.lane[i] = (int16_t)(a.lane[i] + b.lane[i]);
    return a;
#endif
}

__attribute__((always_inline)) static inline struct sums_8 accumulate_8(struct sums_8 sums, products_8 products) {
#if defined(__ARM_FEATURE_MVE)
    __asm__("vmovlb.s16  q0, %q[p]\n\t"
            "vmovlt.s16  q1, %q[p]\n\t"
            "vadd.i32    %q[e], %q[e], q0\n\t"
            "vadd.i32    %q[o], %q[o], q1"
            : [e] "+w"(sums.even), [o] "+w"(sums.odd)
            : [p] "w"(products)
            : "q0", "q1", "memory");
#else
    for (int32_t i = 0; i < 4; i++) {
        sums.even.lane[i] += products.lane[2 * i];
        sums.odd.lane[i] += products.lane[2 * i + 1];
    }
#endif
    return sums;
}

/* scales: multipliers of the even ones, of the odd ones, and the shifts so in the bytes of two words. is_tight: where the
 * registers are few, gcc 12 computes the addresses one by one. */
__attribute__((always_inline)) static inline struct sums_8 requantize_8(struct sums_8 sums, const int32_t *scales,
                                                                        int32_t rectified, int32_t wide,
                                                                        int32_t is_tight) {
#if defined(__ARM_FEATURE_MVE)
    if (!wide && is_tight) {
        __asm__("vldrw.32    q0, [%[s]]\n\t"
                "vqrdmulh.s32 %q[e], %q[e], q0\n\t"
                "vldrw.32    q0, [%[s], #16]\n\t"
                "vqrdmulh.s32 %q[o], %q[o], q0"
                : [e] "+w"(sums.even), [o] "+w"(sums.odd)
                : [s] "l"(scales)
                : "q0", "memory");
        if (!rectified) {
            sums.even = vaddq_s32(sums.even, vshrq_n_s32(sums.even, 31));
            sums.odd = vaddq_s32(sums.odd, vshrq_n_s32(sums.odd, 31));
        }
        __asm__("vldrb.s32   q0, [%[s], #32]\n\t"
                "vrshl.s32   %q[e], %q[e], q0\n\t"
                "vldrb.s32   q0, [%[s], #36]\n\t"
                "vrshl.s32   %q[o], %q[o], q0"
                : [e] "+w"(sums.even), [o] "+w"(sums.odd)
                : [s] "l"(scales)
                : "q0", "memory");
        return sums;
    }
#endif
    (void)is_tight;
    sums.even = requantize_4(sums.even, load_words(scales), load_word_bytes(scales + 8), rectified, wide);
    sums.odd = requantize_4(sums.odd, load_words(scales + 4), load_word_bytes(scales + 9), rectified, wide);
    return sums;
}

/* Lanes first to end - 1 of eight, as predicates count them. */
__attribute__((always_inline)) static inline uint32_t lanes_8(int32_t first, int32_t end) {
    return (0xffffu << (2 * first)) & (0xffffu >> (16 - 2 * end));
}

/* Brings eight sums into the order of the channels, adds the zero point, clamps, stores those of these lanes. */
__attribute__((always_inline)) static inline void store_8(int8_t *to, struct sums_8 values, int32_t zero_point,
                                                          int32_t lowest, int32_t highest, uint32_t lanes) {
#if defined(__ARM_FEATURE_MVE)
    /* Saturating: what int16 can't hold is clamped below anyway. */
    int16x8_t all = vqmovntq_s32(vqmovnbq_s32(vreinterpretq_s16_s32(values.even), values.even), values.odd);
    all = vqaddq_n_s16(all, (int16_t)zero_point);
    if (lowest == INT8_MIN && highest == INT8_MAX) /* takes no registers for the bounds */
        __asm__("vqmovnb.s16 %q0, %q0" : "+w"(all));
    else
        all = vminq_s16(vmaxq_s16(all, vdupq_n_s16((int16_t)lowest)), vdupq_n_s16((int16_t)highest));
    if (__builtin_constant_p(lanes) && lanes == 0xffff) {
        vstrbq_s16(to, all);
    } else {
        __asm__("" : "+r"(lanes)); /* gcc 12 writes a constant with its sign, which the assembler refuses */
        vstrbq_p_s16(to, all, (mve_pred16_t)lanes);
    }
#else
    for (int32_t i = 0; i < 8; i++) {
        const int32_t value = i % 2 == 0 ? values.even.lane[i / 2] : values.odd.lane[i / 2];
        if (lanes >> (2 * i) & 1) to[i] = (int8_t)clamp(value + zero_point, lowest, highest);
    }
#endif
}

/* The receptive field of output pixel (y, x), and in tap_bytes how far its columns are apart: in place where the input has all
 * of it, with gaps or not. */
__attribute__((always_inline)) static inline struct field
depthwise_field(const int8_t *input, int8_t *patch, int32_t y, int32_t x, int32_t *tap_bytes,
                const struct convolution_parameters *p) {
    const int32_t top = y * p->stride_height - p->padding_top, left = x * p->stride_width - p->padding_left;
    const int32_t bottom = top + (p->filter_height - 1) * p->dilation_height;
    const int32_t right = left + (p->filter_width - 1) * p->dilation_width;
    const int32_t input_row = p->input_width * p->input_channels;
    *tap_bytes = p->input_channels;
    if (p->dilation_width != 1 && top >= 0 && left >= 0 && bottom < p->input_height && right < p->input_width) {
        *tap_bytes = p->dilation_width * p->input_channels;
        return (struct field){input + top * input_row + left * p->input_channels, p->dilation_height * input_row};
    }
    return convolution_field(input, patch, y, x, 0, p);
}

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier]. Weights: for each eight channels of the output
 * [filter_height * filter_width][8], none -128; fewer than eight filled up with zeros. The last eight lie over those
 * before them: inputs there may be overwritten already, and what comes of them is not stored. channels: for each eight
 * channels the biases of
 * the even ones, then of the odd ones, the multipliers so, and the shifts so in the bytes of two words. patch: one
 * receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_mve(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *channels,
                      int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    const int32_t count = p.output_channels < 8 ? p.output_channels : 8;
    const int32_t over = p.output_channels <= 8 || p.output_channels % 8 == 0 ? 0 : 8 - p.output_channels % 8;
    const int32_t is_whole = __builtin_constant_p(over) && over == 0;
    /* Reached from the start of a row: no address but the row's is computed. */
    const int32_t is_near = __builtin_constant_p(p.input_channels) && p.dilation_width == 1 && p.depth_multiplier == 1 &&
                            p.filter_width <= 5 && (p.filter_width - 1) * p.input_channels < 128;
    const int32_t steps = is_near ? 0 : p.filter_width - 1;
    /* Where rows are a loop, taps pair within each. */
    const int32_t is_by_row = unroll_5 == 1;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            int32_t tap_bytes;
            const struct field field = depthwise_field(input, patch, at.y, at.x, &tap_bytes, &p);
            const int32_t row_step = field.stride - steps * tap_bytes;
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights, *from = field.start;
            const int32_t *channel = channels;
            int32_t c = 0, groups = p.output_channels < 8 ? 1 : p.output_channels / 8;
            uint32_t lanes = lanes_8(0, count);
            for (int32_t part = 0;; part = 1) { /* all whole groups, then the one that lies over the last of them */
                /* Two ways to count the same, for gcc 12: each makes the better loop of one kind. */
                for (; is_whole ? c < p.output_channels : groups > 0; groups--, c += 8, to += 8, channel += 18) {
                    struct sums_8 sums = {load_words(channel), load_words(channel + 4)};
                    const int8_t *row = from;
                    products_8 first = no_products();
                    int32_t tap = 0;
#pragma GCC unroll unroll_5
                    for (int32_t ky = 0; ky < p.filter_height; ky++) {
                        if (is_by_row) tap = 0;
#pragma GCC unroll 5
                        for (int32_t kx = 0; kx < p.filter_width; kx++, tap++) {
                            const int32_t offset = is_near ? kx * p.input_channels : 0;
                            const int32_t step = is_near                     ? 0
                                                 : kx + 1 == p.filter_width ? row_step
                                                 : p.dilation_width == 1   ? p.input_channels
                                                                           : tap_bytes;
                            const products_8 products =
                                p.depth_multiplier == 1 ? multiply_8(&row, offset, step, &weight, count)
                                                        : multiply_shared_8(&row, offset, step, p.depth_multiplier, &weight, count);
                            if (tap % 2 == 0)
                                first = products;
                            else
                                sums = accumulate_8(sums, add_products(first, products));
                        }
                        if (is_by_row && p.filter_width % 2 != 0) sums = accumulate_8(sums, first);
                        if (is_near) row += row_step;
                    }
                    if (!is_by_row && tap % 2 != 0) sums = accumulate_8(sums, first);
                    if (p.once) {
                        sums.even = requantize_once_4(sums.even, load_words(channel + 8));
                        sums.odd = requantize_once_4(sums.odd, load_words(channel + 12));
                    } else {
                        sums = requantize_8(sums, channel + 8, p.rectified, p.wide, !is_whole);
                    }
                    store_8(to, sums, p.output_zero_point, p.output_min, p.output_max, lanes);
                    from += p.depth_multiplier <= 2 ? 8 / p.depth_multiplier : (c + 8) % p.depth_multiplier == 0;
                }
                if (over == 0 || part != 0) break;
                groups = 1;
                lanes = lanes_8(over, 8);
                to -= over;
                from -= over / p.depth_multiplier;
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
