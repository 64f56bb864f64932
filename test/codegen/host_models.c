/* Runs several generated libraries in one program: host_models SAMPLES INPUTS OUTPUTS. Both files hold the samples of
 * the first model, then those of the second, and so on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_models.h"
#include "tinyml_firmware.h"

static const struct tinyml_firmware_model *const models[] = {HOST_MODELS};

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    const int samples = atoi(argv[1]);
    FILE *in = fopen(argv[2], "rb"), *out = fopen(argv[3], "wb");
    if (in == NULL || out == NULL) return 2;
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (int sample = 0; sample < samples; sample++) {
            const struct tinyml_firmware_model *model = models[m];
            memset(model->arena, 0x5a, model->arena_bytes);
            if (model->reset != NULL) model->reset(model->arena);
            for (uint32_t i = 0; i < model->input_count; i++)
                if (fread(model->arena + model->inputs[i].offset, 1, model->inputs[i].bytes, in) != model->inputs[i].bytes)
                    return 3;
            model->invoke(model->arena);
            for (uint32_t i = 0; i < model->output_count; i++)
                fwrite(model->arena + model->outputs[i].offset, 1, model->outputs[i].bytes, out);
        }
    fclose(in);
    return fclose(out);
}
