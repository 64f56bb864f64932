/* The error function, float32. */
#ifndef TINYML_ERF_FLOAT32_H
#define TINYML_ERF_FLOAT32_H

#include "error_function_float32.h"
#include "unary_float32.h"

/* output may be input. */
__attribute__((always_inline)) static inline void erf_float32(const void *input, void *output,
                                                              struct unary_float32_parameters p) {
    unary_float32(error_function_float32, input, output, &p);
}

#endif
