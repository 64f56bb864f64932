/* DEPTHWISE_CONV_2D, int8, Armv6-M. */
#ifndef TINYML_DEPTHWISE_CONV_2D_V6M_H
#define TINYML_DEPTHWISE_CONV_2D_V6M_H

#include "convolution.h"
#include "line_channels.h"

/* A row of three taps, `step` bytes apart, by weights plus 128: sum += input * weight, inputs += input; row advances by
 * `stride`, weights by three. */
__attribute__((always_inline)) static inline void multiply_row_3(const int8_t **row, int32_t step, int32_t stride,
                                                                 const int8_t **weights, int32_t *sum,
                                                                 int32_t *inputs) {
#if defined(__ARM_ARCH_6M__) && defined(__OPTIMIZE__)
    int32_t x, v;
#define TINYML_TAP(k)                       \
    "ldrb %[v], [%[w], #" k "]\n\t"         \
    "adds %[inputs], %[inputs], %[x]\n\t"   \
    "muls %[x], %[v], %[x]\n\t"             \
    "adds %[sum], %[sum], %[x]\n\t"
    __asm__(".syntax unified\n\t"
            "ldrb %[x], [%[row]]\n\t"
            "sxtb %[x], %[x]\n\t"
            TINYML_TAP("0")
            "ldrsb %[x], [%[row], %[step]]\n\t"
            TINYML_TAP("1")
            "ldrsb %[x], [%[row], %[twice]]\n\t"
            TINYML_TAP("2")
            "adds %[w], %[w], #3\n\t"
            "add %[row], %[row], %[stride]"
            : [row] "+l"(*row), [w] "+l"(*weights), [sum] "+l"(*sum), [inputs] "+l"(*inputs), [x] "=&l"(x),
              [v] "=&l"(v)
            : [step] "l"(step), [twice] "l"(2 * step), [stride] "h"(stride)
            : "cc", "memory");
#undef TINYML_TAP
#else
    for (int32_t k = 0; k < 3; k++) {
        *sum += (*row)[k * step] * (uint8_t)*(*weights)++;
        *inputs += (*row)[k * step];
    }
    *row += stride;
#endif
}

/* input [H, W, C] -> output [OH, OW, C * depth_multiplier]. Weights plus 128: [C * depth_multiplier][filter_height *
 * filter_width]; channels: see line_channels.h. patch: one receptive field. */
__attribute__((always_inline)) static inline void
depthwise_conv_2d_v6m(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *channels,
                      int8_t *patch, struct convolution_parameters p) {
    const int32_t pixels = p.output_height * p.output_width;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        struct position at = first_position(&p);
        for (int32_t done = 0; done < pixels; done++, advance(&at, &p)) {
            const struct field field = convolution_field(input, patch, at.y, at.x, 0, &p);
            int8_t *to = output + (p.reverse ? pixels - 1 - done : done) * p.output_channels;
            const int8_t *weight = weights, *from = field.start;
            const int32_t *channel = channels;
#pragma GCC unroll 1
            for (int32_t c = 0; c < p.input_channels; c++, from++) {
#pragma GCC unroll 1
                for (int32_t m = 0; m < p.depth_multiplier; m++, channel += line_words(&p)) {
                    const int8_t *row = from;
                    int32_t sum = 0, inputs = 0;
                    if (p.filter_width == 3) {
#pragma GCC unroll 3
                        for (int32_t ky = 0; ky < p.filter_height; ky++)
                            multiply_row_3(&row, p.input_channels, field.stride, &weight, &sum, &inputs);
                    } else {
                        for (int32_t ky = 0; ky < p.filter_height; ky++) {
                            for (int32_t kx = 0; kx < p.filter_width; kx++) {
                                const int32_t value = row[kx * p.input_channels];
                                sum += value * (uint8_t)*weight++;
                                inputs += value;
                            }
                            row += field.stride;
                        }
                    }
                    *to++ = line_output(sum + channel[0] - 128 * inputs, channel, &p);
                }
            }
        }
        input += p.input_height * p.input_width * p.input_channels;
        output += pixels * p.output_channels;
    }
}

#endif
