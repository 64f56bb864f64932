/* The generated header from C++. */
#include "second_opinion.h"

#include "digits_mlp.h"

namespace {

constexpr float greys = 16.0f;

int8_t quantize(uint8_t grey) {
    const float real = static_cast<float>(grey) / greys;
    const auto quantized =
        static_cast<int32_t>(real / DIGITS_MLP_INPUT_SCALE + 0.5f) + DIGITS_MLP_INPUT_ZERO_POINT;
    return static_cast<int8_t>(quantized > 127 ? 127 : quantized);
}

}  // namespace

int second_opinion(void *arena, const uint8_t *pixels) {
    auto *input = digits_mlp_input(arena);
    for (int i = 0; i < DIGITS_MLP_INPUT_ELEMENTS; i++) input[i] = quantize(pixels[i]);
    digits_mlp_invoke(arena);
    const auto *scores = digits_mlp_output(arena);
    int best = 0;
    for (int i = 1; i < DIGITS_MLP_OUTPUT_ELEMENTS; i++) {
        if (scores[i] > scores[best]) best = i;
    }
    return best;
}
