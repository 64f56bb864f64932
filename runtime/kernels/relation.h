/* Relations of two numbers, by number: 0 equal, 1 not equal, 2 greater, 3 greater or equal, 4 less, 5 less or equal; 6 both, 7
 * either of two truths. The number is a compile-time constant. */
#ifndef TINYML_RELATION_H
#define TINYML_RELATION_H

#include <stdint.h>

__attribute__((always_inline)) static inline int32_t holds(int32_t a, int32_t b, int32_t relation) {
    switch (relation) {
    case 0: return a == b;
    case 1: return a != b;
    case 2: return a > b;
    case 3: return a >= b;
    case 4: return a < b;
    case 5: return a <= b;
    case 6: return a != 0 && b != 0;
    default: return a != 0 || b != 0;
    }
}

#endif
