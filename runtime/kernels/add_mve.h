/* ADD of two tensors of one shape, int8, Helium: four elements at a time. */
#ifndef TINYML_ADD_MVE_H
#define TINYML_ADD_MVE_H

#include "add.h"
#include "helium.h"

#if defined(__ARM_FEATURE_MVE)
/* As rounding_shift_right of multiply_high_rounded; a negative right_shift shifts left first. */
__attribute__((always_inline)) static inline int32x4_t scale_4(int32x4_t values, int32_t multiplier, int32_t right_shift) {
    return requantize_4_alike(values, multiplier, -right_shift, 0, 1);
}
#endif

/* The first count (at most 4) elements. */
__attribute__((always_inline)) static inline void add_4(const int8_t *a, const int8_t *b, int8_t *to, int32_t count,
                                                        const struct elementwise_parameters *p) {
#if defined(__ARM_FEATURE_MVE)
    const mve_pred16_t used = count >= 4 ? 0xffff : vctp32q((uint32_t)count);
    int32x4_t first = count >= 4 ? vldrbq_s32(a) : vldrbq_z_s32(a, used);
    int32x4_t second = count >= 4 ? vldrbq_s32(b) : vldrbq_z_s32(b, used);
    first = scale_4(vshlq_r_s32(vaddq_n_s32(first, p->offset_1), p->left_shift), p->multiplier_1, p->shift_1);
    second = scale_4(vshlq_r_s32(vaddq_n_s32(second, p->offset_2), p->left_shift), p->multiplier_2, p->shift_2);
    store_4(to, scale_4(vaddq_s32(first, second), p->output_multiplier, p->output_shift), p->output_zero_point,
            p->output_min, p->output_max, count);
#else
    for (int32_t i = 0; i < 4 && i < count; i++)
        to[i] = (int8_t)clamp(add_element(a[i], b[i], p), p->output_min, p->output_max);
#endif
}

__attribute__((always_inline)) static inline void add_mve(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                          struct elementwise_parameters p) {
    const int32_t count = p.shape[0] * p.shape[1] * p.shape[2] * p.shape[3];
    for (int32_t i = 0; i + 4 <= count; i += 4) add_4(input_1 + i, input_2 + i, output + i, 4, &p);
    const int32_t done = count / 4 * 4;
    if (done != count) add_4(input_1 + done, input_2 + done, output + done, count - done, &p);
}

#endif
