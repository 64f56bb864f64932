/* DIV, int8. */
#ifndef TINYML_QUOTIENT_H
#define TINYML_QUOTIENT_H

#include "elementwise.h"
#include "reciprocal.h"

/* A division by zero gives the end of the range on the numerator's side; 0 / 0 is 0. */
__attribute__((always_inline)) static inline int32_t quotient_element(int32_t a, int32_t b,
                                                                      const struct elementwise_parameters *p) {
    int32_t numerator = a + p->offset_1, denominator = b + p->offset_2;
    if (denominator == 0) {
        if (numerator == 0) return p->output_zero_point;
        return numerator > 0 ? INT8_MAX : INT8_MIN;
    }
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    const struct reciprocal inverse = reciprocal(denominator, 31);
    const int32_t headroom = leading_zeros((uint32_t)(numerator < 0 ? ~numerator : numerator)) - 1;
    const int32_t unscaled =
        multiply_high_signed((int32_t)((uint32_t)numerator << headroom), inverse.mantissa);
    const int32_t shift = p->output_shift + inverse.bits_over_unit + headroom;
    if (shift > 31) return p->output_zero_point;
    return requantize(unscaled, p->output_multiplier, shift) + p->output_zero_point;
}

__attribute__((always_inline)) static inline void quotient(const int8_t *input_1, const int8_t *input_2, int8_t *output,
                                                           struct elementwise_parameters p) {
    elementwise(quotient_element, input_1, input_2, output, p);
}

#endif
