/* What the measuring harness is told about the model that it runs; the generated firmware_model.c defines it. */
#ifndef TINYML_FIRMWARE_H
#define TINYML_FIRMWARE_H

#include <stdint.h>

/* Bytes inside the tensor arena. */
struct tinyml_span {
    uint32_t offset;
    uint32_t bytes;
};

struct tinyml_firmware_model {
    uint8_t *arena;
    uint32_t arena_bytes;
    void (*invoke)(void *arena);
    /* Sets the state that the model keeps between inferences to its first values; NULL: it keeps none. */
    void (*reset)(void *arena);
    const struct tinyml_span *inputs;
    uint32_t input_count;
    const struct tinyml_span *outputs;
    uint32_t output_count;
};

extern const struct tinyml_firmware_model tinyml_firmware_model;

#endif
