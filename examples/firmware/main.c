/* Reads three digits with a convolutional network, in C, and asks a second network, in C++. */
#include "board.h"
#include "digits.h"
#include "digits_cnn.h"
#include "digits_mlp.h"
#include "second_opinion.h"

/* The networks run one after the other, so they share one arena of the larger size. */
#define ARENA_BYTES \
    (DIGITS_CNN_ARENA_BYTES > DIGITS_MLP_ARENA_BYTES ? DIGITS_CNN_ARENA_BYTES : DIGITS_MLP_ARENA_BYTES)

static _Alignas(DIGITS_CNN_ARENA_ALIGNMENT) uint8_t arena[ARENA_BYTES];

/* A grey value becomes the real number that the network was trained on, 0.0 to 1.0, and that the int8 it takes. */
static int8_t quantize(uint8_t grey)
{
    const float real = (float)grey / 16.0f;
    const int32_t quantized = (int32_t)(real / DIGITS_CNN_INPUT_SCALE + 0.5f) + DIGITS_CNN_INPUT_ZERO_POINT;
    return (int8_t)(quantized > 127 ? 127 : quantized);
}

static int read_digit(const uint8_t pixels[DIGIT_PIXELS])
{
    int8_t *input = digits_cnn_input(arena);
    for (int i = 0; i < DIGITS_CNN_INPUT_ELEMENTS; i++) {
        input[i] = quantize(pixels[i]);
    }
    digits_cnn_invoke(arena);
    const int8_t *scores = digits_cnn_output(arena);
    int best = 0;
    for (int i = 1; i < DIGITS_CNN_OUTPUT_ELEMENTS; i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    return best;
}

int main(void)
{
    int wrong = 0;
    for (unsigned i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        const int first = read_digit(digits[i].pixels);
        const int second = second_opinion(arena, digits[i].pixels);
        board_print("label ");
        board_print_digit(digits[i].label);
        board_print("  digits_cnn ");
        board_print_digit(first);
        board_print("  digits_mlp ");
        board_print_digit(second);
        board_print("\n");
        wrong += first != digits[i].label || second != digits[i].label;
    }
    return wrong;
}
