/* SVDF, int8 with int8 or int16 state: each filter's products of the last inferences, summed over time. */
#ifndef TINYML_SVDF_H
#define TINYML_SVDF_H

#include "dot_int8.h"
#include "requantize.h"

struct svdf_parameters {
    int32_t batches, inputs;
    int32_t filters, rank; /* rank filters are summed to one output */
    int32_t memory;        /* inferences that are remembered */
    int32_t state_bytes;   /* of one number of the state and of the time weights: 1 or 2 */
    int32_t feature_multiplier, feature_shift;
    int32_t state_zero_point, state_min, state_max;
    int32_t multiplier, shift; /* right shifts */
    int32_t output_zero_point;
};

typedef const int8_t *svdf_dot_function(const struct field *fields, int32_t pixels, int32_t rows, int32_t length,
                                        const int8_t *weights, int32_t channels,
                                        int32_t sums[max_pixels][max_channels]);

/* Overflows wrap around, as in the reference. */
static inline int32_t svdf_add(int32_t sum, int32_t product) {
    return (int32_t)((uint32_t)sum + (uint32_t)product);
}

/* Forgets the oldest number of a filter's row, puts the newest behind the others, and returns the row's sum over time. */
__attribute__((always_inline)) static inline int32_t svdf_row(void *state, const void *weights, int32_t filter,
                                                              int32_t value, const struct svdf_parameters *p) {
    const int32_t start = filter * p->memory, last = p->memory - 1;
    if (p->state_bytes == 1) {
        int8_t *const row = (int8_t *)state + start;
        const int8_t *const weight = (const int8_t *)weights + start;
        int32_t sum = 0;
        for (int32_t k = 0; k < last; k++) {
            row[k] = row[k + 1];
            sum = svdf_add(sum, weight[k] * row[k]);
        }
        row[last] = (int8_t)value;
        return svdf_add(sum, weight[last] * row[last]);
    }
    int16_t *const row = (int16_t *)state + start;
    const int16_t *const weight = (const int16_t *)weights + start;
    int32_t sum = 0;
    for (int32_t k = 0; k < last; k++) {
        row[k] = row[k + 1];
        sum = svdf_add(sum, weight[k] * row[k]);
    }
    row[last] = (int16_t)value;
    return svdf_add(sum, weight[last] * row[last]);
}

/* A group of filters: their products with the input, each into its row; where a unit's last filter is done, its output. */
__attribute__((always_inline)) static inline const int8_t *
svdf_tile(svdf_dot_function *dot, const struct field *field, int32_t filter, int32_t channels, int8_t *output,
          void *state, const int8_t *weights, const int32_t *feature_bias, const void *time_weights,
          const int32_t *bias, int32_t *unit_sum, const struct svdf_parameters *p) {
    int32_t sums[max_pixels][max_channels];
#pragma GCC unroll 8
    for (int32_t c = 0; c < channels; c++) sums[0][c] = feature_bias[filter + c];
    weights = dot(field, 1, 1, p->inputs, weights, channels, sums);
    for (int32_t c = 0; c < channels; c++) {
        const int32_t at = filter + c, unit = at / p->rank;
        const int32_t product = requantize(sums[0][c], p->feature_multiplier, p->feature_shift);
        const int32_t value = p->state_zero_point + clamp(product, p->state_min, p->state_max);
        const int32_t before = at % p->rank == 0 ? bias[unit] : *unit_sum;
        *unit_sum = svdf_add(before, svdf_row(state, time_weights, at, value, p));
        if (at % p->rank == p->rank - 1)
            output[unit] = (int8_t)clamp(requantize(*unit_sum, p->multiplier, p->shift) + p->output_zero_point,
                                         INT8_MIN, INT8_MAX);
    }
    return weights;
}

/* input [batches, inputs], state [batches, filters, memory] -> output [batches, filters / rank]. Feature weights: for
 * each group of four filters in the order of the dot product, then the filters left over one by one. */
__attribute__((always_inline)) static inline void
svdf_with(svdf_dot_function *dot, const int8_t *input, int8_t *output, void *state, const int8_t *feature_weights,
          const int32_t *feature_bias, const void *time_weights, const int32_t *bias, struct svdf_parameters p) {
    for (int32_t batch = 0; batch < p.batches; batch++) {
        const struct field field = {input + batch * p.inputs, 0};
        const int8_t *next = feature_weights;
        int32_t unit_sum = 0, filter = 0;
        for (; filter + 4 <= p.filters; filter += 4)
            next = svdf_tile(dot, &field, filter, 4, output, state, next, feature_bias, time_weights, bias, &unit_sum, &p);
        for (; filter < p.filters; filter++)
            next = svdf_tile(dot, &field, filter, 1, output, state, next, feature_bias, time_weights, bias, &unit_sum, &p);
        output += p.filters / p.rank;
        state = (int8_t *)state + p.filters * p.memory * p.state_bytes;
    }
}

__attribute__((always_inline)) static inline void svdf(const int8_t *input, int8_t *output, void *state,
                                                       const int8_t *feature_weights, const int32_t *feature_bias,
                                                       const void *time_weights, const int32_t *bias,
                                                       struct svdf_parameters p) {
    svdf_with(dot_int8, input, output, state, feature_weights, feature_bias, time_weights, bias, p);
}

#endif
