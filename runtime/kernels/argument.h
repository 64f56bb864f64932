/* The walk that ARG_MAX and ARG_MIN share: input [outer, count, inner] -> output [outer, inner], int32 positions. */
#ifndef TINYML_ARGUMENT_H
#define TINYML_ARGUMENT_H

#include <stdint.h>
#include <string.h>

struct argument_parameters {
    int32_t outer, count, inner;
};

typedef int better_function(int32_t value, int32_t best);

/* The first of equal values wins. output is aligned to 4 bytes. */
__attribute__((always_inline)) static inline void argument(better_function *better, const int8_t *input, void *output,
                                                           struct argument_parameters p) {
    int8_t *to = (int8_t *)output;
    for (int32_t outer = 0; outer < p.outer; outer++, input += p.count * p.inner) {
        for (int32_t inner = 0; inner < p.inner; inner++, to += sizeof(int32_t)) {
            int32_t position = 0, best = input[inner];
            for (int32_t i = 1; i < p.count; i++) {
                const int32_t value = input[i * p.inner + inner];
                if (better(value, best)) {
                    position = i;
                    best = value;
                }
            }
            memcpy(__builtin_assume_aligned(to, 4), &position, sizeof position);
        }
    }
}

#endif
