/* NEG, float32: only the sign turns, the top bit of the last byte. */
#ifndef TINYML_NEG_H
#define TINYML_NEG_H

#include <stdint.h>

struct neg_parameters {
    int32_t count;
};

/* output may be input. */
__attribute__((always_inline)) static inline void neg(const void *input, void *output, struct neg_parameters p) {
    const uint8_t *from = (const uint8_t *)input;
    uint8_t *to = (uint8_t *)output;
    for (int32_t i = 0; i < 4 * p.count; i++) to[i] = i % 4 == 3 ? from[i] ^ 0x80 : from[i];
}

#endif
