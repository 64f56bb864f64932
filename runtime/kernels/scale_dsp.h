/* Requantization on cores with the DSP extension: one multiplication that rounds and adds, one shift, one saturation. */
#ifndef TINYML_SCALE_DSP_H
#define TINYML_SCALE_DSP_H

#include "convolution.h"
#include "simd.h"

/* addend + gemmlowp's SaturatingRoundingDoublingHighMul of doubled / 2 and multiplier (SMMLAR). */
static inline int32_t multiply_high_rounded_add(int32_t doubled, int32_t multiplier, int32_t addend) {
#if defined(TINYML_DSP)
    int32_t result;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(doubled), "r"(multiplier), "r"(addend));
    return result;
#else
    return addend + (int32_t)(((int64_t)doubled * multiplier + ((int64_t)1 << 31)) >> 32);
#endif
}

/* One output from twice its accumulator, which is below 2^30. rounding: (2 * zero point + 1) << (shift - 1): the zero
 * point and half a step, before the shift. Where negative values do not end at the zero point (not rectified), their ties
 * go away from zero: the accumulator's sign tells, as a negative one that rounds to 0 stays there either way. */
__attribute__((always_inline)) static inline int8_t scaled_output(int32_t doubled, int32_t multiplier,
                                                                  int32_t rounding, int32_t shift,
                                                                  const struct convolution_parameters *p) {
    if (p->once) /* the multiplier is that of the doubled sum */
        return (int8_t)clamp(requantize_once(doubled, multiplier, p->once_exponent, p->once_shift) + p->output_zero_point, p->output_min, p->output_max);
    int32_t value = multiply_high_rounded_add(doubled, multiplier, rounding);
    if (!p->rectified) value += doubled >> 31;
    return (int8_t)clamp(value >> shift, p->output_min, p->output_max);
}

/* Outputs of two channels of two pixels, the second pixel's `next` bytes behind the first's and stored before them. scales:
 * two multipliers, two roundings, two shifts. */
__attribute__((always_inline)) static inline void scale_2x2(int32_t sum_00, int32_t sum_01, int32_t sum_10,
                                                            int32_t sum_11, const int32_t *scales, int8_t *to,
                                                            int32_t next, int32_t is_whole,
                                                            const struct convolution_parameters *p) {
    /* All loads before any store, which might change what they read, for all that the compiler knows. */
    const int32_t multiplier_0 = scales[0], multiplier_1 = scales[1], rounding_0 = scales[2], rounding_1 = scales[3];
    const int32_t shift_0 = scales[4], shift_1 = scales[5];
    to[next] = scaled_output(sum_10, multiplier_0, rounding_0, shift_0, p);
    to[0] = scaled_output(sum_00, multiplier_0, rounding_0, shift_0, p);
    if (!is_whole) return;
    to[next + 1] = scaled_output(sum_11, multiplier_1, rounding_1, shift_1, p);
    to[1] = scaled_output(sum_01, multiplier_1, rounding_1, shift_1, p);
}

#endif
