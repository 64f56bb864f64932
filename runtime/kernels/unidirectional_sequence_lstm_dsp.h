/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8 with int16 cells, DSP extension. */
#ifndef TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_DSP_H
#define TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_DSP_H

#include "dot_int8_dsp.h"
#include "unidirectional_sequence_lstm.h"

/* A function of its own: within the loops over batches, steps and units gcc often has no registers left for the block, and
 * refuses it. */
__attribute__((noinline)) static const int8_t *lstm_dot_dsp(const struct field *fields, int32_t pixels, int32_t rows,
                                                            int32_t length, const int8_t *weights, int32_t channels,
                                                            int32_t sums[max_pixels][max_channels]) {
    (void)rows;
    (void)channels;
    return dot_int8_dsp(fields, pixels, 1, length, weights, 4, sums);
}

__attribute__((always_inline)) static inline void
unidirectional_sequence_lstm_dsp(const int8_t *input, int8_t *output, int8_t *hidden, void *cells,
                                 const int8_t *input_weights, const int32_t *input_bias,
                                 const int8_t *recurrent_weights, const int32_t *recurrent_bias, const int16_t *table,
                                 struct lstm_parameters p) {
    lstm_with(lstm_dot_dsp, input, output, hidden, cells, input_weights, input_bias, recurrent_weights, recurrent_bias,
              table, p);
}

#endif
