/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8 with int16 cells, DSP extension. */
#ifndef TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_DSP_H
#define TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_DSP_H

#include "dot_int8_dsp.h"
#include "unidirectional_sequence_lstm.h"

__attribute__((always_inline)) static inline void
unidirectional_sequence_lstm_dsp(const int8_t *input, int8_t *output, int8_t *hidden, void *cells,
                                 const int8_t *input_weights, const int32_t *input_bias,
                                 const int8_t *recurrent_weights, const int32_t *recurrent_bias, const int16_t *table,
                                 struct lstm_parameters p) {
    lstm_with(dot_int8_dsp, input, output, hidden, cells, input_weights, input_bias, recurrent_weights, recurrent_bias,
              table, p);
}

#endif
