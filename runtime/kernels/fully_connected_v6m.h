/* FULLY_CONNECTED with one scale for all weights, int8, Armv6-M. (One scale per output channel: conv_2d_v6m.) */
#ifndef TINYML_FULLY_CONNECTED_V6M_H
#define TINYML_FULLY_CONNECTED_V6M_H

#include "dense.h"
#include "dot_int8_v6m.h"

__attribute__((always_inline)) static inline void
fully_connected_v6m(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                struct dense_parameters p) {
    dense(dot_int8_v6m, weight_bias_v6m, input, output, weights, bias, p);
}

#endif
