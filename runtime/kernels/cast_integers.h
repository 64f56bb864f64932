/* Integers of 1, 2 and 4 bytes, as CAST reads and writes them. */
#ifndef TINYML_CAST_INTEGERS_H
#define TINYML_CAST_INTEGERS_H

#include <stdint.h>

__attribute__((always_inline)) static inline int32_t load_integer(const void *input, int32_t at, int32_t bytes,
                                                                  int32_t is_unsigned) {
    if (bytes == 1) return is_unsigned ? ((const uint8_t *)input)[at] : ((const int8_t *)input)[at];
    return bytes == 2 ? ((const int16_t *)input)[at] : ((const int32_t *)input)[at];
}

/* The low bytes; of a truth, whether there is anything. */
__attribute__((always_inline)) static inline void store_integer(void *output, int32_t at, int32_t value, int32_t bytes,
                                                                int32_t is_truth) {
    if (bytes == 1)
        ((uint8_t *)output)[at] = is_truth ? value != 0 : (uint8_t)value;
    else if (bytes == 2)
        ((uint16_t *)output)[at] = (uint16_t)value;
    else
        ((int32_t *)output)[at] = value;
}

#endif
