/* Runs every sample of the mailbox through the model and prints what comes out. */
#include <stddef.h>

#include "board.h"
#include "tinyml_firmware.h"

/* Written by the link script: initial values to copy, and memory to clear. */
struct copied {
    const uint32_t *from;
    uint32_t *to;
    uint32_t bytes;
};
struct cleared {
    uint32_t *start;
    uint32_t bytes;
};
extern const struct copied tinyml_copied[], tinyml_copied_end[];
extern const struct cleared tinyml_cleared[], tinyml_cleared_end[];

__attribute__((noreturn)) void tinyml_start(void);

const uint32_t tinyml_stack_paint = 0xa5c3961e;

static void fill_memory(void)
{
    for (const struct copied *item = tinyml_copied; item < tinyml_copied_end; item++) {
        for (uint32_t i = 0; i < item->bytes / 4; i++) {
            item->to[i] = item->from[i];
        }
    }
    for (const struct cleared *item = tinyml_cleared; item < tinyml_cleared_end; item++) {
        for (uint32_t i = 0; i < item->bytes / 4; i++) {
            item->start[i] = 0;
        }
    }
}

static void load_inputs(const uint8_t *sample)
{
    const struct tinyml_firmware_model *model = &tinyml_firmware_model;
    for (uint32_t i = 0; i < model->input_count; i++) {
        uint8_t *input = model->arena + model->inputs[i].offset;
        for (uint32_t b = 0; b < model->inputs[i].bytes; b++) {
            input[b] = *sample;
            sample++;
        }
    }
}

/* A sample starts from the model's first state, unless it says that it goes on with the one before. */
static const uint8_t *load_state(const uint8_t *sample)
{
    const struct tinyml_firmware_model *model = &tinyml_firmware_model;
    uint32_t goes_on = 0;
    if ((tinyml_mailbox.flags & tinyml_flag_sequences) != 0) {
        goes_on = *sample;
        sample += 4;
    }
    if (model->reset != NULL && goes_on == 0) {
        model->reset(model->arena);
    }
    return sample;
}

static void print_outputs(uint32_t sample)
{
    const struct tinyml_firmware_model *model = &tinyml_firmware_model;
    tinyml_print("sample ");
    tinyml_print_decimal(sample);
    tinyml_print(" ");
    for (uint32_t i = 0; i < model->output_count; i++) {
        const uint8_t *output = model->arena + model->outputs[i].offset;
        for (uint32_t b = 0; b < model->outputs[i].bytes; b++) {
            tinyml_print_byte(output[b]);
        }
    }
    tinyml_print("\n");
}

static uint32_t input_bytes(void)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < tinyml_firmware_model.input_count; i++) {
        bytes += tinyml_firmware_model.inputs[i].bytes;
    }
    return bytes;
}

void tinyml_start(void)
{
    fill_memory();
    tinyml_uart_start();
    const struct tinyml_mailbox *mailbox = &tinyml_mailbox;
    if (mailbox->magic != tinyml_mailbox_magic || mailbox->bytes_per_sample != input_bytes()) {
        tinyml_print("refused: the mailbox does not hold this model's inputs\n");
        tinyml_done(1);
    }
    if ((mailbox->flags & tinyml_flag_fence) != 0) {
        tinyml_fence_memory();
    }
    uint32_t most_stack = 0;
    const uint8_t *sample = mailbox->data;
    for (uint32_t i = 0; i < mailbox->samples; i++) {
        sample = load_state(sample);
        load_inputs(sample);
        sample += mailbox->bytes_per_sample;
        const uint32_t stack = tinyml_measure(tinyml_firmware_model.invoke, tinyml_firmware_model.arena);
        if (tinyml_stack_bottom[0] != tinyml_stack_paint) {
            tinyml_print("stack-overflow\n");
            tinyml_done(1);
        }
        most_stack = stack > most_stack ? stack : most_stack;
        print_outputs(i);
    }
    tinyml_print("stack ");
    tinyml_print_decimal(most_stack);
    tinyml_print("\ndone 0\n");
    tinyml_done(0);
}
