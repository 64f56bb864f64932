/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8 with int16 cells: unit by unit, the four gates of a unit side by side. */
#ifndef TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_H
#define TINYML_UNIDIRECTIONAL_SEQUENCE_LSTM_H

#include "dot_int8.h"
#include "gates.h"
#include "requantize.h"

/* Gates in the order input, forget, cell, output. */
struct lstm_parameters {
    int32_t batches, steps, inputs, units;
    int32_t step_stride, batch_stride; /* vectors from one to the next */
    int32_t input_multiplier[4], input_shift[4]; /* to Q3.12; shifts are right shifts */
    int32_t recurrent_multiplier[4], recurrent_shift[4];
    int32_t forget_multiplier, forget_shift;
    int32_t update_multiplier, update_shift;
    int32_t hidden_multiplier, hidden_shift, hidden_zero_point;
    int32_t tanh_multiplier, tanh_shift;
    int32_t cell_clip;
};

typedef const int8_t *lstm_dot_function(const struct field *fields, int32_t pixels, int32_t rows, int32_t length,
                                        const int8_t *weights, int32_t channels,
                                        int32_t sums[max_pixels][max_channels]);

static inline int32_t lstm_int16(int32_t value) {
    return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

/* One unit of one step: its new cell, and what it gives, before the zero point. */
__attribute__((always_inline)) static inline int32_t
lstm_unit(int32_t sums[max_pixels][max_channels], int32_t recurrent[max_pixels][max_channels], int16_t *cell,
          const int16_t *table, const struct lstm_parameters *p) {
    int32_t gate[4];
#pragma GCC unroll 4
    for (int32_t g = 0; g < 4; g++) {
        const int32_t of_input = lstm_int16(requantize(sums[0][g], p->input_multiplier[g], p->input_shift[g]));
        const int32_t of_hidden =
            lstm_int16(requantize(recurrent[0][g], p->recurrent_multiplier[g], p->recurrent_shift[g]));
        const int32_t sum = 3 * lstm_int16(of_input + of_hidden);
        gate[g] = g == 2 ? gate_tanh(table, sum) : gate_logistic(table, sum);
    }
    const int32_t kept = lstm_int16(requantize(gate[1] * *cell, p->forget_multiplier, p->forget_shift));
    const int32_t added = lstm_int16(requantize(gate[0] * gate[2], p->update_multiplier, p->update_shift));
    int32_t next = lstm_int16(kept + added);
    if (next > p->cell_clip) next = p->cell_clip;
    if (next < -p->cell_clip) next = -p->cell_clip;
    *cell = (int16_t)next;
    const int32_t round = p->tanh_shift > 0 ? 1 << (p->tanh_shift - 1) : 0;
    const int32_t activated = gate_tanh(table, (next * p->tanh_multiplier + round) >> p->tanh_shift);
    return requantize(activated * gate[3], p->hidden_multiplier, p->hidden_shift);
}

/* input [batches][steps][inputs] -> output [batches][steps][units], or time first. hidden and cells [batches][units] are
 * kept. Weights: for each unit those of its four gates, in the order of the dot product; biases [units][4]. */
__attribute__((always_inline)) static inline void
lstm_with(lstm_dot_function *dot, const int8_t *input, int8_t *output, int8_t *hidden, void *cell_halves,
          const int8_t *input_weights, const int32_t *input_bias, const int8_t *recurrent_weights,
          const int32_t *recurrent_bias, const int16_t *table, struct lstm_parameters p) {
    int16_t *cells = (int16_t *)cell_halves;
    for (int32_t batch = 0; batch < p.batches; batch++) {
        const int8_t *before = hidden; /* the output of the step before */
        for (int32_t step = 0; step < p.steps; step++) {
            const int32_t vector = batch * p.batch_stride + step * p.step_stride;
            const struct field now = {input + vector * p.inputs, 0}, last = {before, 0};
            int8_t *const next = output + vector * p.units;
            const int8_t *from_input = input_weights, *from_hidden = recurrent_weights;
            for (int32_t unit = 0; unit < p.units; unit++) {
                int32_t sums[max_pixels][max_channels], recurrent[max_pixels][max_channels];
#pragma GCC unroll 4
                for (int32_t g = 0; g < 4; g++) sums[0][g] = input_bias[4 * unit + g];
                from_input = dot(&now, 1, 1, p.inputs, from_input, 4, sums);
#pragma GCC unroll 4
                for (int32_t g = 0; g < 4; g++) recurrent[0][g] = recurrent_bias[4 * unit + g];
                from_hidden = dot(&last, 1, 1, p.units, from_hidden, 4, recurrent);
                const int32_t value = lstm_unit(sums, recurrent, &cells[unit], table, &p);
                next[unit] = (int8_t)clamp(value + p.hidden_zero_point, INT8_MIN, INT8_MAX);
            }
            before = next;
        }
        for (int32_t unit = 0; unit < p.units; unit++) hidden[unit] = before[unit];
        hidden += p.units;
        cells += p.units;
    }
}

__attribute__((always_inline)) static inline void
unidirectional_sequence_lstm(const int8_t *input, int8_t *output, int8_t *hidden, void *cells,
                             const int8_t *input_weights, const int32_t *input_bias, const int8_t *recurrent_weights,
                             const int32_t *recurrent_bias, const int16_t *table, struct lstm_parameters p) {
    lstm_with(dot_int8, input, output, hidden, cells, input_weights, input_bias, recurrent_weights, recurrent_bias,
              table, p);
}

#endif
