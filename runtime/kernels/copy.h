/* Bytes that move as they are: what READ_VARIABLE finds, and what ASSIGN_VARIABLE keeps. */
#ifndef TINYML_COPY_H
#define TINYML_COPY_H

#include "memory.h"

struct copy_parameters {
    int32_t bytes;
};

__attribute__((always_inline)) static inline void copy(const void *from, void *to, struct copy_parameters p) {
    copy_bytes((int8_t *)to, (const int8_t *)from, p.bytes);
}

#endif
