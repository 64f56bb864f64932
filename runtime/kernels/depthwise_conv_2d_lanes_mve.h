/* DEPTHWISE_CONV_2D with one output per input channel, int8, Helium, for channels that eight does not divide: the outputs
 * of a row, pixel behind pixel, are one run of lanes, eight at a time, so that none is empty. */
#ifndef TINYML_DEPTHWISE_CONV_2D_LANES_MVE_H
#define TINYML_DEPTHWISE_CONV_2D_LANES_MVE_H

#include "depthwise_conv_2d_mve.h"

/* Products of the eight inputs from row + offset on and eight weights; weights advance by step. */
__attribute__((always_inline)) static inline products_8 multiply_lanes_8(const int8_t *row, int32_t offset,
                                                                         const int8_t **weights, int32_t step) {
    products_8 products;
#if defined(__ARM_FEATURE_MVE)
    if (__builtin_constant_p(offset) && offset < 128 && __builtin_constant_p(step) && step < 128) {
        __asm__ volatile("vldrb.s16   %q[p], [%[x], %[offset]]\n\t"
                "vldrb.s16   q0, [%[w]], %[step]\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [p] "=&w"(products)
                : [x] "l"(row), [offset] "i"(offset), [step] "i"(step)
                : "q0", "memory");
    } else {
        __asm__ volatile("vldrb.s16   %q[p], [%[x]]\n\t"
                "vldrb.s16   q0, [%[w]]\n\t"
                "add         %[w], %[step]\n\t"
                "vmul.i16    %q[p], %q[p], q0"
                : [w] "+l"(*weights), [p] "=&w"(products)
                : [x] "l"(row + offset), [step] "r"(step)
                : "q0", "cc", "memory");
    }
#else
    for (int32_t i = 0; i < 8; i++) products.lane[i] = (int16_t)(row[offset + i] * (*weights)[i]);
    *weights += step;
#endif
    return products;
}

/* Eight words, the even ones and the odd ones. */
__attribute__((always_inline)) static inline struct sums_8 load_lanes_8(const int32_t *from) {
#if defined(__ARM_FEATURE_MVE)
    const int32x4x2_t both = vld2q_s32(from);
    return (struct sums_8){both.val[0], both.val[1]};
#else
    return (struct sums_8){{{from[0], from[2], from[4], from[6]}}, {{from[1], from[3], from[5], from[7]}}};
#endif
}

__attribute__((always_inline)) static inline struct sums_8 load_lane_bytes_8(const int8_t *from) {
#if defined(__ARM_FEATURE_MVE)
    const int16x8_t all = vldrbq_s16(from);
    return (struct sums_8){vmovlbq_s16(all), vmovltq_s16(all)};
#else
    return (struct sums_8){{{from[0], from[2], from[4], from[6]}}, {{from[1], from[3], from[5], from[7]}}};
#endif
}

/* input [H, W, C] -> output [OH, OW, C]. Weights [filter_height * filter_width][C + 7], none -128; bias, multiplier,
 * shift (to the left) [C + 7]: after the last channel the first ones follow again, so that eight lanes may begin at any
 * channel. The last eight lanes of a run lie over those before them: inputs there may be overwritten already, and
 * what comes of them is not stored. patch: one receptive field, or a line of padding as long as a row of it; eight
 * bytes from the last tap on. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_lanes_mve(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                            const int32_t *multiplier, const int8_t *shift, int8_t *patch,
                            struct convolution_parameters p) {
    const int32_t channels = p.input_channels;
    const int32_t row_bytes = p.filter_width * channels, input_row = p.input_width * channels;
    const int32_t reach = (p.filter_width - 1) * p.dilation_width;
    const int32_t is_padded = p.padding_top != 0 || (p.output_height - 1) * p.stride_height +
                                                            (p.filter_height - 1) * p.dilation_height >= p.input_height;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        while (p.reverse ? at.y >= 0 : at.y < p.output_height) {
            const int32_t top = at.y * p.stride_height - p.padding_top;
            const int32_t left = at.x * p.stride_width - p.padding_left;
            const int32_t is_inside = left >= 0 && left + reach < p.input_width;
            /* Pixels whose columns are all inside follow each other where the stride is one. */
            int32_t pixels = 1;
            if (is_inside && p.stride_width == 1) pixels = p.reverse ? left + 1 : p.input_width - reach - left;
            if (pixels * channels < 8) pixels = 1;
            const int32_t lanes = pixels * channels;
            const int32_t x = p.reverse ? at.x - pixels + 1 : at.x;
            const int8_t *start;
            int32_t stride, tap_bytes = channels, first = 0, end = p.filter_height;
            if (is_inside && lanes >= 8) {
                start = input + top * input_row + (x * p.stride_width - p.padding_left) * channels;
                stride = p.dilation_height * input_row;
                tap_bytes = p.dilation_width * channels;
                if (is_padded) { /* rows outside are read from a line of padding */
                    while (first < end && top + first * p.dilation_height < 0) first++;
                    while (end > first && top + (end - 1) * p.dilation_height >= p.input_height) end--;
                    if (end - first < p.filter_height)
                        fill_bytes(patch, p.input_zero_point, reach * channels + 8);
                }
            } else {
                const struct field field = convolution_field(input, patch, at.y, at.x, 1, &p);
                if (field.start != patch) copy_bytes(patch, field.start, row_bytes);
                start = patch;
                stride = row_bytes;
            }
            int8_t *to = output + (at.y * p.output_width + x) * channels;
            const int32_t last = lanes >= 8 ? lanes - 8 : 0;
            for (int32_t done = 0; done < lanes; done += 8) {
                const int32_t from = p.reverse ? (done < last ? last - done : 0) : (done < last ? done : last);
                const int32_t channel = from % channels;
                const int8_t *weight = weights + channel;
                struct sums_8 sums = load_lanes_8(bias + channel);
                const int8_t *inputs = start + from;
                products_8 before = {0};
                int32_t tap = 0;
#pragma GCC unroll unroll_5
                for (int32_t ky = 0; ky < p.filter_height; ky++) {
                    const int8_t *row = is_padded && (ky < first || ky >= end) ? patch : inputs;
#pragma GCC unroll unroll_5
                    for (int32_t kx = 0; kx < p.filter_width; kx++, tap++) {
                        const int32_t offset = kx * (p.dilation_width == 1 ? channels : tap_bytes);
                        const products_8 products = multiply_lanes_8(row, offset, &weight, channels + 7);
                        if (tap % 2 == 0)
                            before = products;
                        else
                            sums = accumulate_8(sums, add_products(before, products));
                    }
                    inputs += stride;
                }
                if (tap % 2 != 0) sums = accumulate_8(sums, before);
                const struct sums_8 multipliers = load_lanes_8(multiplier + channel);
                const struct sums_8 shifts = load_lane_bytes_8(shift + channel);
                if (p.once) {
                    sums.even = requantize_once_4(sums.even, multipliers.even);
                    sums.odd = requantize_once_4(sums.odd, multipliers.odd);
                } else {
                    sums.even = requantize_4(sums.even, multipliers.even, shifts.even, p.rectified, p.wide);
                    sums.odd = requantize_4(sums.odd, multipliers.odd, shifts.odd, p.rectified, p.wide);
                }
                store_8(to + from, sums, p.output_zero_point, p.output_min, p.output_max,
                        p.reverse ? lanes_8(0, lanes - done < 8 ? lanes - done : 8)
                                  : lanes_8(done - from, lanes < 8 ? lanes : 8));
            }
            at.x += p.reverse ? -pixels : pixels;
            if (p.reverse ? at.x < 0 : at.x >= p.output_width) {
                at.x = p.reverse ? p.output_width - 1 : 0;
                at.y += p.reverse ? -1 : 1;
            }
        }
        input += p.input_height * p.input_width * channels;
        output += p.output_height * p.output_width * channels;
    }
}

#endif
