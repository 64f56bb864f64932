/* FULLY_CONNECTED with one scale for all weights, int8, plain C. (One scale per output channel: conv_2d.) */
#ifndef TINYML_FULLY_CONNECTED_H
#define TINYML_FULLY_CONNECTED_H

#include "dense.h"

__attribute__((always_inline)) static inline void
fully_connected(const int8_t *input, int8_t *output, const int8_t *weights, const int32_t *bias,
                struct dense_parameters p) {
    dense(dot_int8, NULL, input, output, weights, bias, p);
}

#endif
