/* Runs a generated library on the host: host_main INPUTS OUTPUTS [sequence], both packed samples. Every one starts from a
 * reset, or, in a sequence, the first alone. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tinyml_firmware.h"

int main(int argc, char **argv) {
    const struct tinyml_firmware_model *model = &tinyml_firmware_model;
    if (argc != 3 && argc != 4) return 2;
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
    if (in == NULL || out == NULL) return 2;
    for (int first = 1;; first = argc == 3) {
        if (first) memset(model->arena, 0x5a, model->arena_bytes);
        if (first && model->reset != NULL) model->reset(model->arena);
        for (uint32_t i = 0; i < model->input_count; i++)
            if (fread(model->arena + model->inputs[i].offset, 1, model->inputs[i].bytes, in) != model->inputs[i].bytes) {
                fclose(in);
                return fclose(out);
            }
        model->invoke(model->arena);
        for (uint32_t i = 0; i < model->output_count; i++)
            fwrite(model->arena + model->outputs[i].offset, 1, model->outputs[i].bytes, out);
    }
}
