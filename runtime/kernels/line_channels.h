/* What each output channel of a convolution needs, in one stream of words: bias, multiplier, then the line's offset, or
 * the shift where no line is proven, and where ties need it what they cost. */
#ifndef TINYML_LINE_CHANNELS_H
#define TINYML_LINE_CHANNELS_H

#include "convolution.h"

/* Words of each channel. */
__attribute__((always_inline)) static inline int32_t line_words(const struct convolution_parameters *p) {
    return p->line_tie ? 4 : 3;
}

__attribute__((always_inline)) static inline int8_t line_output(int32_t sum, const int32_t *channel,
                                                                const struct convolution_parameters *p) {
    if (!p->line) return convolution_output(sum, channel[1], channel[2], p);
    const struct line line = {p->line == 1, p->line_split, p->line_shift, p->line_high, p->line_tie, p->line_from, p->line_to};
    const int32_t value = line_value(sum, channel[1], channel[2], p->line_tie ? channel[3] : 0, &line);
    return line_clamp(value, p->output_min, p->output_max);
}

#endif
