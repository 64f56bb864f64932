/* Any operator of one int8 input, by a table of all 256 answers: activations, requantization, ABS, RSQRT. */
#ifndef TINYML_LOOK_UP_H
#define TINYML_LOOK_UP_H

#include <stdint.h>

struct look_up_parameters {
    int32_t count;
};

/* table[i] is the answer to i - 128. output may be input. */
__attribute__((always_inline)) static inline void look_up(const int8_t *input, int8_t *output, const int8_t *table,
                                                          struct look_up_parameters p) {
    for (int32_t i = 0; i < p.count; i++) output[i] = table[input[i] + 128];
}

#endif
