/* ROUND: halves to the even neighbour, float32. */
#ifndef TINYML_ROUND_FLOAT32_H
#define TINYML_ROUND_FLOAT32_H

#include "unary_float32.h"

/* From 2^23 on, and for what is no number, there is nothing behind the point. */
__attribute__((always_inline)) static inline float round_of(float x) {
    if (!(x < 8388608.0f && x > -8388608.0f)) return x;
    const int32_t below = (int32_t)x - ((float)(int32_t)x > x);
    const float rest = x - (float)below;
    return (float)(below + (rest > 0.5f || (rest == 0.5f && (below & 1) != 0)));
}

/* output may be input. */
__attribute__((always_inline)) static inline void round_float32(const void *input, void *output,
                                                             struct unary_float32_parameters p) {
    unary_float32(round_of, input, output, &p);
}

#endif
