/* Whether integers multiply by float32 multipliers as floats do: random layers, half of the sums next to ties. */
#include <stdio.h>

#include "round_once.h"

static uint64_t state = 88172645463325252u;

static uint32_t below(uint32_t count) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16) % count;
}

/* Beyond, outputs of 8 bits are all alike. */
static int32_t visible(int32_t value) {
    return value < -256 ? -256 : value > 256 ? 256 : value;
}

int main(void) {
    long checked = 0, different = 0;
    for (int layer = 0; layer < 10000; layer++) {
        const int32_t exponent = 100 + (int32_t)below(22), shift = (int32_t)below(21), point = 118 - exponent + shift;
        if (point < 10 || point > 29) continue;
        for (int sum = 0; sum < 1000; sum++) {
            /* Every third layer has multipliers of few bits, so that ties are exact. */
            const uint32_t mantissa = below(0x800000) & (layer % 3 == 0 ? 0x600000u : 0x7fffffu);
            const int32_t bits = (int32_t)((uint32_t)(exponent + (int32_t)below(8)) << 23 | mantissa);
            const double multiplier = float_of_bits(bits);
            const double ofProduct = (2147483648.0 / (double)(1u << point) - 2) / multiplier;
            const double ofSum = 2147483648.0 / (double)(1u << shift) - 2;
            const double limit = ofProduct < ofSum ? ofProduct : ofSum;
            const double tie = ((double)below(512) - 255.5) / multiplier;
            if (limit < 8) continue;
            const int isTie = sum % 2 == 0 && tie < limit - 4 && tie > 4 - limit;
            const int32_t value = isTie ? (int32_t)tie + (int32_t)below(5) - 2
                                        : (int32_t)(((double)below(2000001) - 1e6) / 1e6 * limit);
            checked++;
            if (visible(requantize_once(value, bits, exponent, shift)) != visible(multiply_once(value, bits))) different++;
        }
    }
    printf("%ld of %ld differ\n", different, checked);
    return different != 0 || checked < 1000000;
}
