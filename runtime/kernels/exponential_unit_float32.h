/* ELU with factors: slope above zero, depth below, rate, float32. */
#ifndef TINYML_EXPONENTIAL_UNIT_FLOAT32_H
#define TINYML_EXPONENTIAL_UNIT_FLOAT32_H

#include "elu_float32.h"
#include "unary_float32.h"

/* output may be input. */
__attribute__((always_inline)) static inline void exponential_unit_float32(const void *input, void *output,
                                                                           const float *factors,
                                                                           struct unary_float32_parameters p) {
    const float *from = (const float *)input;
    float *to = (float *)output;
    for (int32_t i = 0; i < p.count; i++)
        to[i] = from[i] < 0.0f ? factors[1] * elu_of(factors[2] * from[i]) : factors[0] * from[i];
}

#endif
