import { z } from 'zod';
import { shapeOf, transposed, type Value } from './arrangement.ts';
import { type Constant, floatConstant, permuted } from './constant.ts';
import { reshape } from './element_layers.ts';
import { NotCovered } from './hdf5.ts';
import type { KerasLayer } from './keras_layers.ts';
import {
  gru,
  lstm,
  type RecurrentResult,
  type RecurrentWeights,
  simpleRecurrent,
  stacked,
} from './recurrent_layers.ts';

/** LSTM, GRU and SimpleRNN of Keras 3 over whole sequences: every inference starts from zeros. */

const settings = {
  units: z.int().min(1).max(65_535),
  use_bias: z.boolean(),
  return_sequences: z.boolean(),
  return_state: z.literal(false),
  go_backwards: z.literal(false),
  stateful: z.literal(false),
  unroll: z.boolean(),
  zero_output_for_mask: z.literal(false),
  // For training alone.
  dropout: z.number(),
  recurrent_dropout: z.number(),
  seed: z.unknown().optional(),
};

export const lstmSettings = {
  ...settings,
  activation: z.literal('tanh'),
  recurrent_activation: z.literal('sigmoid'),
  unit_forget_bias: z.boolean(),
};

export const gruSettings = {
  ...settings,
  activation: z.literal('tanh'),
  recurrent_activation: z.literal('sigmoid'),
  reset_after: z.boolean(),
};

export const simpleSettings = {
  ...settings,
  activation: z.enum(['tanh', 'relu']),
  seed: z.unknown().optional(),
};

interface Configuration {
  readonly units: number;
  readonly use_bias: boolean;
  readonly return_sequences: boolean;
}

/** Keras has weights [inputs, gates × units]; `order` is where each of our gates is among its. */
function weightsOf(
  layer: KerasLayer,
  { units, use_bias }: Configuration,
  order: readonly number[],
): RecurrentWeights {
  const [kernel, recurrent, bias, more] = layer.weights;
  if (
    kernel === undefined ||
    recurrent === undefined ||
    more !== undefined ||
    (bias !== undefined) !== use_bias
  )
    throw new NotCovered('another number of weights');
  const rows = order.length * units;
  if (kernel.shape[1] !== rows || recurrent.shape[1] !== rows || recurrent.shape[0] !== units)
    throw new NotCovered('weights of other shapes');
  const gated = (values: ArrayLike<number>, length: number): Float64Array =>
    Float64Array.from({ length: rows * length }, (_, at) => {
      const gate = Math.floor(at / (units * length));
      return values[at + ((order[gate] as number) - gate) * units * length] as number;
    });
  const matrix = (of: Constant): Constant => {
    const turned = permuted(of, [1, 0]);
    return floatConstant(turned.shape, gated(turned.values, turned.shape[1] as number));
  };
  const zeros = new Float64Array(rows);
  const values = bias?.values ?? zeros;
  if (values.length !== rows && values.length !== 2 * rows) throw new NotCovered('a bias of another shape');
  return {
    units,
    input: matrix(kernel),
    recurrent: matrix(recurrent),
    inputBias: gated(Array.from(values).slice(0, rows), 1),
    recurrentBias: values.length === rows ? zeros : gated(Array.from(values).slice(rows), 1),
  };
}

/** [batch, time, …] to [time, batch, …]. */
function inTime(x: Value): Value {
  if (x.groups.length !== 3) throw new NotCovered('another number of dimensions');
  return transposed(x, [1, 0, 2]);
}

/** The last hidden state [batch, units], or all of them [batch, time, units]. */
function resultOf(layer: KerasLayer, { return_sequences }: Configuration, { steps }: RecurrentResult): Value {
  const last = steps.at(-1);
  if (last === undefined) throw new NotCovered('an empty sequence');
  return return_sequences
    ? transposed(stacked(layer, steps, 0), [1, 0, 2])
    : reshape(layer, last, shapeOf(last));
}

const nothing = { hidden: null, cell: null };

/** Keras: input, forget, cell, output. Ours: input, output, forget, cell. */
export function kerasLstm(layer: KerasLayer, x: Value, config: Configuration): Value {
  const weights = weightsOf(layer, config, [0, 3, 1, 2]);
  const result = lstm(layer, inTime(x), weights, nothing, { backwards: false, peepholes: null });
  return resultOf(layer, config, result);
}

export function kerasGru(
  layer: KerasLayer,
  x: Value,
  config: Configuration & { readonly reset_after: boolean },
): Value {
  const weights = weightsOf(layer, config, [0, 1, 2]);
  const resetsProduct = config.reset_after;
  return resultOf(
    layer,
    config,
    gru(layer, inTime(x), weights, nothing, { backwards: false, resetsProduct }),
  );
}

export function kerasSimpleRnn(
  layer: KerasLayer,
  x: Value,
  config: Configuration & { readonly activation: 'tanh' | 'relu' },
): Value {
  const weights = weightsOf(layer, config, [0]);
  const activation = config.activation === 'tanh' ? 'TANH' : 'RELU';
  return resultOf(
    layer,
    config,
    simpleRecurrent(layer, inTime(x), weights, nothing, { backwards: false, activation }),
  );
}
