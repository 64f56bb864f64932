/* Runs a generated library on the machine that builds it: host INPUTS OUTPUTS, both packed samples one after the other. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tinyml_firmware.h"

static int read_inputs(const struct tinyml_firmware_model *model, FILE *in)
{
    for (uint32_t i = 0; i < model->input_count; i++) {
        const struct tinyml_span span = model->inputs[i];
        if (fread(model->arena + span.offset, 1, span.bytes, in) != span.bytes)
            return 0;
    }
    return 1;
}

static int write_outputs(const struct tinyml_firmware_model *model, FILE *out)
{
    for (uint32_t i = 0; i < model->output_count; i++) {
        const struct tinyml_span span = model->outputs[i];
        if (fwrite(model->arena + span.offset, 1, span.bytes, out) != span.bytes)
            return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    const struct tinyml_firmware_model *model = &tinyml_firmware_model;
    FILE *in, *out;
    if (argc != 3 || (in = fopen(argv[1], "rb")) == NULL || (out = fopen(argv[2], "wb")) == NULL)
        return 2;
    for (;;) {
        /* What an inference reads without having written it must not depend on the one before. */
        memset(model->arena, 0x5a, model->arena_bytes);
        if (model->reset != NULL)
            model->reset(model->arena);
        if (!read_inputs(model, in))
            break;
        model->invoke(model->arena);
        if (!write_outputs(model, out))
            return 3;
    }
    return fclose(out) == 0 ? 0 : 3;
}
