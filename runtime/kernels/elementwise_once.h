/* What operators of two inputs share in graphs that round once: float32 between DequantizeLinear and QuantizeLinear.
 * multiplier_1, multiplier_2 and output_multiplier are the bits of the scales; left_shift 1: the output's is multiplied by,
 * and the zero point added before rounding (QLinearAdd, QLinearMul). */
#ifndef TINYML_ELEMENTWISE_ONCE_H
#define TINYML_ELEMENTWISE_ONCE_H

#include "elementwise.h"
#include "round_once.h"

static inline float first_real(int32_t a, const struct elementwise_parameters *p) {
    return dequantize_int8(a, p->offset_1, float_of_bits(p->multiplier_1));
}

static inline float second_real(int32_t b, const struct elementwise_parameters *p) {
    return dequantize_int8(b, p->offset_2, float_of_bits(p->multiplier_2));
}

static inline int32_t real_output(float real, const struct elementwise_parameters *p) {
    const float output = float_of_bits(p->output_multiplier);
    if (p->left_shift)
        return round_to_even(rounded_float(rounded_float(rounded_float(real) * output) + (float)p->output_zero_point));
    return quantize_float(rounded_float(real), output, p->output_zero_point);
}

#endif
