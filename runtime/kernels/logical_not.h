/* LOGICAL_NOT: bytes that are 0 or not. */
#ifndef TINYML_LOGICAL_NOT_H
#define TINYML_LOGICAL_NOT_H

#include <stdint.h>

struct logical_not_parameters {
    int32_t count;
};

/* output may be input. */
__attribute__((always_inline)) static inline void logical_not(const int8_t *input, int8_t *output,
                                                              struct logical_not_parameters p) {
    for (int32_t i = 0; i < p.count; i++) output[i] = input[i] == 0;
}

#endif
