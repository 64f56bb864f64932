#ifndef SECOND_OPINION_H
#define SECOND_OPINION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The digit that digits_mlp reads in 64 grey values, 0 to 16. `arena`: DIGITS_MLP_ARENA_BYTES, aligned. */
int second_opinion(void *arena, const uint8_t *pixels);

#ifdef __cplusplus
}
#endif

#endif
