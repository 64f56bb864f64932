/* DEPTHWISE_CONV_2D 3x3 with one output per input channel, int8, DSP extension. Four channels at a time are first copied
 * to planes of half-words, where a word holds two neighbours of one channel; then each dual multiplication counts for two
 * taps, and two neighbouring outputs share what they load. */
#ifndef TINYML_DEPTHWISE_CONV_2D_PLANES_DSP_H
#define TINYML_DEPTHWISE_CONV_2D_PLANES_DSP_H

#include "scale_dsp.h"

enum { plane_group = 4 };

/* Two neighbours of four channels, as words of four planes, `plane` bytes apart. */
__attribute__((always_inline)) static inline void split_pair(int8_t *to, uint32_t first, uint32_t second, int32_t plane) {
    const uint32_t even_0 = extend_even(first), even_1 = extend_even(second);
    const uint32_t odd_0 = extend_odd(first), odd_1 = extend_odd(second);
    store_word(to, (even_0 & 0xffffu) | even_1 << 16);
    store_word(to + plane, (odd_0 & 0xffffu) | odd_1 << 16);
    store_word(to + 2 * plane, even_0 >> 16 | (even_1 & 0xffff0000u));
    store_word(to + 3 * plane, odd_0 >> 16 | (odd_1 & 0xffff0000u));
}

/* Four channels of a pixel, or the `channels` that are left. */
__attribute__((always_inline)) static inline uint32_t four_channels(const int8_t *from, int32_t channels) {
    if (channels >= plane_group) return load_word(from);
    uint32_t word = 0;
    for (int32_t i = 0; i < channels; i++) word |= (uint32_t)(uint8_t)from[i] << (8 * i);
    return word;
}

/* One line of input, `length` pixels `step` bytes apart, to a line of each plane: `before` paddings, then the pixels,
 * then paddings up to `pairs` words. */
__attribute__((always_inline)) static inline void plane_line(int8_t *to, const int8_t *from, int32_t step,
                                                             int32_t length, int32_t before, int32_t pairs,
                                                             int32_t row_bytes, int32_t channels, uint32_t padding) {
    int32_t at = -before, pair = 0;
    for (; at < 0 && pair < pairs; pair++, at += 2, to += 4) {
        const int32_t second = at + 1;
        split_pair(to, padding, second >= 0 && second < length ? four_channels(from, channels) : padding, row_bytes);
    }
    from += at * step;
    for (; at + 1 < length; pair++, at += 2, to += 4, from += 2 * step) {
        if (pair >= pairs) return;
        split_pair(to, four_channels(from, channels), four_channels(from + step, channels), row_bytes);
    }
    for (; pair < pairs; pair++, at += 2, to += 4)
        split_pair(to, at < length ? four_channels(from, channels) : padding, padding, row_bytes);
}

/* sum + the three products of a row: words of taps 0 and 1, and of tap 2 in the upper half. */
__attribute__((always_inline)) static inline int32_t three_taps(const int8_t *row, const int32_t *weights, int32_t sum) {
    const uint32_t inputs = load_word(row), next = load_word(row + 4);
    const uint32_t taps = (uint32_t)weights[0], last = (uint32_t)weights[1];
    return sum + (int16_t)inputs * (int16_t)taps + (int16_t)(inputs >> 16) * (int16_t)(taps >> 16) +
           (int16_t)next * (int16_t)(last >> 16);
}

/* The same for the neighbour at the odd place. */
__attribute__((always_inline)) static inline int32_t three_taps_odd(const int8_t *row, const int32_t *weights,
                                                                    int32_t sum) {
    const uint32_t inputs = load_word(row), next = load_word(row + 4);
    const uint32_t taps = (uint32_t)weights[0], last = (uint32_t)weights[1];
    return sum + (int16_t)(inputs >> 16) * (int16_t)taps + (int16_t)next * (int16_t)last +
           (int16_t)(next >> 16) * (int16_t)(last >> 16);
}

__attribute__((always_inline)) static inline int8_t plane_output(const int8_t *from, const int32_t *weights,
                                                                 const int32_t *channel, int32_t line_bytes,
                                                                 int32_t is_odd, const struct convolution_parameters *p) {
    int32_t sum = channel[0];
    for (int32_t ky = 0; ky < 3; ky++)
        sum = is_odd ? three_taps_odd(from + ky * line_bytes, weights + 2 * ky, sum)
                     : three_taps(from + ky * line_bytes, weights + 2 * ky, sum);
    return scaled_output(sum, channel[1], channel[2], channel[3], p);
}

#if defined(TINYML_DSP)
#define TINYML_PLANE_ROW_1(load, a, b)                                                                                 \
    load "smlad  r11, lr, " a ", r11\n\t"                                                                              \
         "smlabt r11, r7, " b ", r11\n\t"                                                                              \
         "smlatb r12, lr, " a ", r12\n\t"                                                                              \
         "smlad  r12, r7, " b ", r12\n\t"
#define TINYML_PLANE_ROW_2(load, third, a, b)                                                                          \
    load "smlad  r11, lr, " a ", r11\n\t"                                                                              \
         "smlabt r11, r7, " b ", r11\n\t" third                                                                        \
         "smlad  r12, r7, " a ", r12\n\t"                                                                              \
         "smlabt r12, lr, " b ", r12\n\t"
#define TINYML_PLANE_LINE(row_0, row_1, row_2, scale)                                                                  \
    __asm__ volatile("push   {r7}\n\t"                                                                                          \
            "ldm    r12, {r4, r5, r6, r8, r9, r10}\n"                                                                  \
            "1:\n\t"                                                                                                   \
            "ldr    r11, [r2]\n\t"                                                                                     \
            "mov    r12, r11\n\t" row_0 row_1 row_2 scale                                                              \
            "ldr    lr, [r2, #12]\n\t"                                                                                 \
            "asr    r11, r11, lr\n\t"                                                                                  \
            "asr    r12, r12, lr\n\t"                                                                                  \
            "ssat   r11, #8, r11\n\t"                                                                                  \
            "ssat   r12, #8, r12\n\t"                                                                                  \
            "strb   r11, [r1]\n\t"                                                                                     \
            "strb   r12, [r1, #%c[step]]\n\t"                                                                          \
            "add    r1, r1, #%c[steps]\n\t"                                                                            \
            "subs   r3, #1\n\t"                                                                                        \
            "bne    1b\n\t"                                                                                            \
            "pop    {r7}"                                                                                              \
            : "+r"(inputs), "+r"(outputs), "+r"(count), "+r"(taps)                                                     \
            : "r"(scales), [l1] "i"(line_bytes), [l2] "i"(2 * line_bytes), [step] "i"(step), [steps] "i"(2 * step)     \
            : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory")
#define TINYML_SCALE_RECTIFIED                                                                                         \
    "ldrd   lr, r7, [r2, #4]\n\t"                                                                                      \
    "smmlar r11, r11, lr, r7\n\t"                                                                                      \
    "smmlar r12, r12, lr, r7\n\t"
#define TINYML_SCALE_SIGNED                                                                                            \
    "ldrd   lr, r7, [r2, #4]\n\t"                                                                                      \
    "add    r7, r7, r11, asr #31\n\t"                                                                                  \
    "smmlar r11, r11, lr, r7\n\t"                                                                                      \
    "ldr    r7, [r2, #8]\n\t"                                                                                          \
    "add    r7, r7, r12, asr #31\n\t"                                                                                  \
    "smmlar r12, r12, lr, r7\n\t"
#endif

/* `pairs` pairs of outputs of one channel, `step` bytes apart, from three lines of its plane. */
__attribute__((always_inline)) static inline void plane_outputs(const int8_t *from, int8_t *to, const int32_t *weights,
                                                                const int32_t *channel, int32_t pairs,
                                                                int32_t line_bytes, int32_t step, int32_t stride,
                                                                const struct convolution_parameters *p) {
#if defined(TINYML_DSP)
    if (__builtin_constant_p(line_bytes) && __builtin_constant_p(step) && __builtin_constant_p(stride) &&
        __builtin_constant_p(p->rectified) && line_bytes <= 500 && step <= 2000 && !p->once &&
        p->output_min == INT8_MIN && p->output_max == INT8_MAX) {
        register const int8_t *inputs __asm__("r0") = from;
        register int8_t *outputs __asm__("r1") = to;
        register const int32_t *scales __asm__("r2") = channel;
        register int32_t count __asm__("r3") = pairs;
        register const int32_t *taps __asm__("r12") = weights;
        if (stride == 1 && p->rectified)
            TINYML_PLANE_LINE(TINYML_PLANE_ROW_1("ldrd lr, r7, [r0], #4\n\t", "r4", "r5"),
                              TINYML_PLANE_ROW_1("ldrd lr, r7, [r0, #%c[l1] - 4]\n\t", "r6", "r8"),
                              TINYML_PLANE_ROW_1("ldrd lr, r7, [r0, #%c[l2] - 4]\n\t", "r9", "r10"),
                              TINYML_SCALE_RECTIFIED);
        else if (stride == 1)
            TINYML_PLANE_LINE(TINYML_PLANE_ROW_1("ldrd lr, r7, [r0], #4\n\t", "r4", "r5"),
                              TINYML_PLANE_ROW_1("ldrd lr, r7, [r0, #%c[l1] - 4]\n\t", "r6", "r8"),
                              TINYML_PLANE_ROW_1("ldrd lr, r7, [r0, #%c[l2] - 4]\n\t", "r9", "r10"),
                              TINYML_SCALE_SIGNED);
        else if (p->rectified)
            TINYML_PLANE_LINE(TINYML_PLANE_ROW_2("ldrd lr, r7, [r0], #8\n\t", "ldr lr, [r0]\n\t", "r4", "r5"),
                              TINYML_PLANE_ROW_2("ldrd lr, r7, [r0, #%c[l1] - 8]\n\t", "ldr lr, [r0, #%c[l1]]\n\t",
                                                 "r6", "r8"),
                              TINYML_PLANE_ROW_2("ldrd lr, r7, [r0, #%c[l2] - 8]\n\t", "ldr lr, [r0, #%c[l2]]\n\t",
                                                 "r9", "r10"),
                              TINYML_SCALE_RECTIFIED);
        else
            TINYML_PLANE_LINE(TINYML_PLANE_ROW_2("ldrd lr, r7, [r0], #8\n\t", "ldr lr, [r0]\n\t", "r4", "r5"),
                              TINYML_PLANE_ROW_2("ldrd lr, r7, [r0, #%c[l1] - 8]\n\t", "ldr lr, [r0, #%c[l1]]\n\t",
                                                 "r6", "r8"),
                              TINYML_PLANE_ROW_2("ldrd lr, r7, [r0, #%c[l2] - 8]\n\t", "ldr lr, [r0, #%c[l2]]\n\t",
                                                 "r9", "r10"),
                              TINYML_SCALE_SIGNED);
        return;
    }
#endif
    for (; pairs > 0; pairs--, from += 4 * stride, to += 2 * step) {
        to[0] = plane_output(from, weights, channel, line_bytes, 0, p);
        to[step] = plane_output(stride == 1 ? from : from + 4, weights, channel, line_bytes, stride == 1, p);
    }
}

/* input [H, W, C] -> output [OH, OW, C]; one batch. Lines are rows, or where transposed columns. weights: for each channel
 * and line of the filter a word of taps 0 and 1 and one of taps 1 and 2, doubled half-words. channels: for each channel
 * bias, doubled, multiplier, rounding and shift (scale_dsp.h). planes: lines of plane_row_bytes for each of four channels,
 * as many as the outputs reach. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_planes_dsp(const int8_t *input, int8_t *output, const int32_t *weights, const int32_t *channels,
                             int8_t *planes, struct convolution_parameters p) {
    const int32_t t = p.transposed;
    const int32_t lines = t ? p.output_width : p.output_height, length = t ? p.output_height : p.output_width;
    const int32_t input_lines = t ? p.input_width : p.input_height;
    const int32_t input_length = t ? p.input_height : p.input_width;
    const int32_t stride = t ? p.stride_height : p.stride_width, line_stride = t ? p.stride_width : p.stride_height;
    const int32_t before = t ? p.padding_top : p.padding_left, lines_before = t ? p.padding_left : p.padding_top;
    const int32_t row_pitch = p.input_width * p.input_channels, pixel_pitch = p.input_channels;
    const int32_t line_pitch = t ? pixel_pitch : row_pitch, step_pitch = t ? row_pitch : pixel_pitch;
    const int32_t output_row = p.output_width * p.output_channels, output_pixel = p.output_channels;
    const int32_t output_line = t ? output_pixel : output_row, output_step = p.output_step_bytes;
    const int32_t line_bytes = plane_group * p.plane_row_bytes, plane_lines = (lines - 1) * line_stride + 3;
    const uint32_t padding = (uint32_t)(p.input_zero_point & 0xff) * 0x01010101u;
    for (int32_t first = 0; first < p.output_channels; first += plane_group) {
        const int32_t left = p.output_channels - first, group = left < plane_group ? left : plane_group;
#pragma GCC unroll 1
        for (int32_t line = 0; line < plane_lines; line++) {
            const int32_t from = line - lines_before, is_inside = from >= 0 && from < input_lines;
            int8_t *to = planes + line * line_bytes;
            const int8_t *pixels = is_inside ? input + from * line_pitch + first : input;
            const int32_t count = is_inside ? input_length : 0;
            if (p.output_channels % plane_group == 0 || group == plane_group)
                plane_line(to, pixels, step_pitch, count, before, p.plane_row_bytes / 4, p.plane_row_bytes, plane_group,
                           padding);
            else
                plane_line(to, pixels, step_pitch, count, before, p.plane_row_bytes / 4, p.plane_row_bytes, group,
                           padding);
        }
        for (int32_t channel = 0; channel < group; channel++, weights += 6, channels += 4) {
            const int8_t *from = planes + channel * p.plane_row_bytes;
            int8_t *to = output + first + channel;
#pragma GCC unroll 1
            for (int32_t line = 0; line < lines; line++, from += line_stride * line_bytes, to += output_line) {
                if (length >= 2)
                    plane_outputs(from, to, weights, channels, length / 2, line_bytes, output_step, stride, &p);
                if (length % 2 != 0)
                    to[(length - 1) * output_step] = plane_output(from + (length - 1) * 2 * stride, weights, channels,
                                                                  line_bytes, 0, &p);
            }
        }
    }
}

#endif
