import { inFileOrder, shapeOf, type Value } from './arrangement.ts';
import { type Constant, floatConstant } from './constant.ts';
import {
  binary,
  concatenation,
  fullyConnected,
  type Operand,
  reshape,
  slice,
  unary,
} from './element_layers.ts';
import { type Layer, refused } from './network.ts';

/**
 * Recurrent layers, step by step: a sequence has a fixed length, so every step is operators of its own, which read the same
 * weights. State between steps is a value like any other, so that it may come from an input and end in an output.
 */

/** Longer sequences would be thousands of layers. */
const mostSteps = 256;

/** Of one direction. Gates one after the other, each `units` rows. */
export interface RecurrentWeights {
  readonly units: number;
  /** [gates × units, inputs] */
  readonly input: Constant;
  /** [gates × units, units] */
  readonly recurrent: Constant;
  /** [gates × units] each; what is added to the products with the input, and with the hidden state. */
  readonly inputBias: Float64Array;
  readonly recurrentBias: Float64Array;
}

/** [batch, units] each; null: zeros. */
export interface RecurrentState {
  readonly hidden: Value | null;
  readonly cell: Value | null;
}

export interface RecurrentResult {
  /** The hidden state after each step, in the order of time, [batch, units] each. */
  readonly steps: readonly Value[];
  readonly state: RecurrentState;
}

/** One step: what the input gives [batch, gates × units] and the state before, to the state after. */
type Step = (
  layer: Layer,
  fromInput: Value,
  state: RecurrentState,
) => RecurrentState & { readonly hidden: Value };

interface Cell {
  readonly gates: number;
  /** What is added to the products with the input, [gates × units]. */
  readonly bias: Float64Array;
  readonly step: Step;
}

function named(layer: Layer, part: string): Layer {
  return { ...layer, name: `${layer.name}/${part}` };
}

/** x [time, batch, inputs]; `backwards`: from the last step to the first. */
function unrolled(
  layer: Layer,
  x: Value,
  weights: RecurrentWeights,
  first: RecurrentState,
  backwards: boolean,
  { gates, bias, step }: Cell,
): RecurrentResult {
  const [time = 0, batch = 0, inputs = 0] = shapeOf(x);
  if (time > mostSteps)
    throw refused(
      layer,
      `a sequence of ${time} steps is longer than the ${mostSteps} that are supported`,
      'Export the model for a shorter sequence, and give it state as inputs and outputs.',
    );
  const { units } = weights;
  const rows = gates * units;
  const isFitting =
    weights.input.values.length === rows * inputs &&
    weights.recurrent.values.length === rows * units &&
    weights.inputBias.length === rows &&
    weights.recurrentBias.length === rows;
  if (units < 1 || !isFitting)
    throw refused(
      layer,
      `its weights do not fit ${inputs} inputs and ${units} units`,
      'Export the model again: the file is not valid.',
    );
  const projected = fullyConnected(
    named(layer, 'input'),
    x,
    floatConstant([rows, inputs], weights.input.values),
    floatConstant([rows], bias),
  );
  const steps: Value[] = new Array(time);
  let state = first;
  for (let count = 0; count < time; count++) {
    const at = backwards ? time - 1 - count : count;
    const here = named(layer, `step_${at}`);
    const cut = slice(named(here, 'input'), projected, [{ axis: 0, from: at, to: at + 1, step: 1 }]);
    const next = step(here, reshape(here, cut, [batch, rows]), state);
    steps[at] = next.hidden;
    state = next;
  }
  return { steps, state };
}

/** The product of weights with the hidden state; the weights are one tensor, whoever reads them. */
type Product = (layer: Layer, hidden: Value) => Value;

function productOf(
  layer: Layer,
  recurrent: Constant,
  rows: readonly [from: number, to: number],
  units: number,
  bias: Float64Array | null,
): Product {
  const { network } = layer;
  const [from, to] = rows;
  const name = `${layer.name}/recurrent_${from}`;
  const matrix = floatConstant([to - from, units], recurrent.values.slice(from * units, to * units));
  let constants: readonly number[] | null = null;
  return (here, hidden) => {
    constants ??= [
      network.constant(`${name}/weights`, matrix),
      ...(bias === null ? [] : [network.constant(`${name}/bias`, floatConstant([to - from], bias))]),
    ];
    const [batch = 1] = shapeOf(hidden);
    const shape = [batch, to - from];
    const inputs = [network.arrange(hidden, [0, 1]), ...constants];
    const options = { activation: 'none', weightsFormat: 0 };
    return inFileOrder(
      network.emit('FULLY_CONNECTED', inputs, options, { name: `${here.name}/recurrent_${from}`, shape }),
      shape,
    );
  };
}

/** Gates [from, to) of [batch, gates × units]. */
function gatesOf(layer: Layer, x: Value, units: number, from: number, to: number): Value {
  return slice(layer, x, [{ axis: 1, from: from * units, to: to * units, step: 1 }]);
}

function summed(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, at) => value + (b[at] ?? 0));
}

/** Gates input, output, forget, cell, as in ONNX; `peepholes` [3 × units]: input, output, forget. */
export function lstm(
  layer: Layer,
  x: Value,
  weights: RecurrentWeights,
  first: RecurrentState,
  { backwards, peepholes }: { readonly backwards: boolean; readonly peepholes: Constant | null },
): RecurrentResult {
  const { units } = weights;
  const product = productOf(layer, weights.recurrent, [0, 4 * units], units, null);
  const peephole = (at: number): Operand | null =>
    peepholes === null ? null : floatConstant([units], peepholes.values.slice(at * units, (at + 1) * units));
  const step: Step = (here, fromInput, { hidden, cell }) => {
    const sum =
      hidden === null ? fromInput : binary(named(here, 'sum'), 'ADD', fromInput, product(here, hidden));
    const added = binaryOr(here, 'added');
    const gates =
      peepholes === null
        ? unary(named(here, 'gates'), 'LOGISTIC', gatesOf(named(here, 'sums'), sum, units, 0, 3))
        : null;
    const gate = (what: string, at: number, state: Value | null): Value => {
      if (gates !== null) return gatesOf(named(here, what), gates, units, at, at + 1);
      const bare = gatesOf(named(here, `${what}_sum`), sum, units, at, at + 1);
      const weight = peephole(at);
      const seen =
        state === null || weight === null
          ? bare
          : binary(
              named(here, `${what}_seen`),
              'ADD',
              bare,
              binary(named(here, `${what}_peephole`), 'MUL', state, weight),
            );
      return unary(named(here, what), 'LOGISTIC', seen);
    };
    const candidate = unary(
      named(here, 'candidate'),
      'TANH',
      gatesOf(named(here, 'candidate_sum'), sum, units, 3, 4),
    );
    const update = binary(named(here, 'update'), 'MUL', gate('input_gate', 0, cell), candidate);
    const kept =
      cell === null ? null : binary(named(here, 'kept'), 'MUL', gate('forget_gate', 2, cell), cell);
    const next = added(kept, update);
    const shown = unary(named(here, 'cell_tanh'), 'TANH', next);
    return { hidden: binary(named(here, 'hidden'), 'MUL', gate('output_gate', 1, next), shown), cell: next };
  };
  const bias = summed(weights.inputBias, weights.recurrentBias);
  return unrolled(layer, x, weights, first, backwards, { gates: 4, bias, step });
}

/** a + b, where a may be nothing. */
function binaryOr(layer: Layer, part: string): (a: Value | null, b: Value) => Value {
  return (a, b) => (a === null ? b : binary(named(layer, part), 'ADD', a, b));
}

/**
 * Gates update, reset, hidden, as in ONNX. `resetsProduct` (linear_before_reset): the reset gate scales the product with
 * the hidden state, not the hidden state itself.
 */
export function gru(
  layer: Layer,
  x: Value,
  weights: RecurrentWeights,
  first: RecurrentState,
  { backwards, resetsProduct }: { readonly backwards: boolean; readonly resetsProduct: boolean },
): RecurrentResult {
  const { units, recurrent, inputBias, recurrentBias } = weights;
  const ofHidden = recurrentBias.map((value, at) => (at < 2 * units ? 0 : value));
  const whole = productOf(layer, recurrent, [0, 3 * units], units, resetsProduct ? ofHidden : null);
  const ofGates = productOf(layer, recurrent, [0, 2 * units], units, null);
  const ofCandidate = productOf(layer, recurrent, [2 * units, 3 * units], units, null);
  const step: Step = (here, fromInput, { hidden }) => {
    const inputGates = gatesOf(named(here, 'input_gates'), fromInput, units, 0, 2);
    const inputCandidate = gatesOf(named(here, 'input_candidate'), fromInput, units, 2, 3);
    const product = hidden === null ? null : resetsProduct ? whole(here, hidden) : ofGates(here, hidden);
    const productGates =
      product === null ? null : gatesOf(named(here, 'recurrent_gates'), product, units, 0, 2);
    const gates = unary(
      named(here, 'gates'),
      'LOGISTIC',
      binaryOr(here, 'gate_sums')(productGates, inputGates),
    );
    const update = gatesOf(named(here, 'update_gate'), gates, units, 0, 1);
    const reset = (): Value => gatesOf(named(here, 'reset_gate'), gates, units, 1, 2);
    const candidateSum = (): Value => {
      if (resetsProduct) {
        const bare: Operand =
          product === null
            ? floatConstant([units], ofHidden.slice(2 * units))
            : gatesOf(named(here, 'recurrent_candidate'), product, units, 2, 3);
        const scaled = binary(named(here, 'reset'), 'MUL', reset(), bare);
        return binary(named(here, 'candidate_sum'), 'ADD', inputCandidate, scaled);
      }
      if (hidden === null) return inputCandidate;
      const kept = binary(named(here, 'reset'), 'MUL', reset(), hidden);
      return binary(named(here, 'candidate_sum'), 'ADD', inputCandidate, ofCandidate(here, kept));
    };
    const candidate = unary(named(here, 'candidate'), 'TANH', candidateSum());
    // (1 − z) × candidate + z × hidden
    if (hidden === null) {
      const dropped = binary(named(here, 'dropped'), 'MUL', update, candidate);
      return { hidden: binary(named(here, 'hidden'), 'SUB', candidate, dropped), cell: null };
    }
    const change = binary(named(here, 'change'), 'SUB', hidden, candidate);
    const moved = binary(named(here, 'moved'), 'MUL', update, change);
    return { hidden: binary(named(here, 'hidden'), 'ADD', candidate, moved), cell: null };
  };
  // What is behind the reset gate stays with the product.
  const behind = resetsProduct ? ofHidden : new Float64Array(recurrentBias.length);
  const bias = summed(inputBias, recurrentBias).map((value, at) => value - (behind[at] as number));
  return unrolled(layer, x, weights, first, backwards, { gates: 3, bias, step });
}

/** tanh of both products. */
export function simpleRecurrent(
  layer: Layer,
  x: Value,
  weights: RecurrentWeights,
  first: RecurrentState,
  { backwards, activation }: { readonly backwards: boolean; readonly activation: 'TANH' | 'RELU' },
): RecurrentResult {
  const { units } = weights;
  const product = productOf(layer, weights.recurrent, [0, units], units, null);
  const step: Step = (here, fromInput, { hidden }) => {
    const sum = binaryOr(here, 'sum')(hidden === null ? null : product(here, hidden), fromInput);
    return { hidden: unary(named(here, 'hidden'), activation, sum), cell: null };
  };
  const bias = summed(weights.inputBias, weights.recurrentBias);
  return unrolled(layer, x, weights, first, backwards, { gates: 1, bias, step });
}

/** Values of one shape side by side along a new dimension. */
export function stacked(layer: Layer, values: readonly Value[], axis: number): Value {
  const wide = values.map((value, index) => {
    const shape = [...shapeOf(value)];
    shape.splice(axis, 0, 1);
    return reshape(named(layer, `part_${index}`), value, shape);
  });
  return concatenation(layer, wide, axis);
}
