import { shapeOf, transposed, type Value } from './arrangement.ts';
import { type Constant, floatConstant } from './constant.ts';
import { isConstant, type Operand, reshape, slice } from './element_layers.ts';
import { refused } from './network.ts';
import { attributeFloats, attributeInteger, attributeText, attributeTexts } from './onnx_file.ts';
import type { OnnxOperator } from './onnx_inputs.ts';
import {
  gru,
  lstm,
  type RecurrentResult,
  type RecurrentState,
  type RecurrentWeights,
  simpleRecurrent,
  stacked,
} from './recurrent_layers.ts';

/** LSTM, GRU and RNN of ONNX: x, W, R, B, sequence_lens, initial_h, and for LSTM initial_c and P. */

interface Direction {
  readonly backwards: boolean;
  readonly weights: RecurrentWeights;
  readonly first: RecurrentState;
  readonly peepholes: Constant | null;
}

type Run = (x: Value, direction: Direction, index: number) => RecurrentResult;

function constantAt(operator: OnnxOperator, position: number, what: string): Constant | null {
  const found = operator.inputs[position] ?? null;
  if (found === null || isConstant(found)) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is computed at run time, but must be a constant`,
    'Export the model with frozen weights.',
  );
}

function wanted(operator: OnnxOperator, position: number, what: string): Constant {
  const found = constantAt(operator, position, what);
  if (found !== null) return found;
  throw refused(operator, `${what} (input ${position}) is missing`, 'Export the model again.');
}

/** The part of one direction: [directions, …] → […]. */
function partOf({ shape, values }: Constant, direction: number): Constant {
  const size = values.length / (shape[0] ?? 1);
  return floatConstant(shape.slice(1), values.slice(direction * size, (direction + 1) * size));
}

/** A first state [directions, batch, units] (batch first where `layout` is 1), one direction of it; null: zeros. */
function firstState(
  operator: OnnxOperator,
  position: number,
  shape: readonly number[],
  direction: number,
): Value | null {
  const found: Operand | null = operator.inputs[position] ?? null;
  if (found === null) return null;
  if (isConstant(found) && found.values.every((value) => value === 0)) return null;
  const name = `${operator.name}/first_${position}`;
  const whole = isConstant(found) ? operator.network.valueOf(name, found) : found;
  const [directions = 1, batch = 1, units = 1] = shape;
  const turned = isBatchFirst(operator) ? transposed(whole, [1, 0, 2]) : whole;
  if (String(shapeOf(turned)) !== String(shape))
    throw refused(
      operator,
      `the first state (input ${position}) has the shape [${shapeOf(whole).join(', ')}], expected ${directions} × ${batch} × ${units} elements`,
      'Export the model again.',
    );
  const layer = { ...operator, name: `${name}_${direction}` };
  const own = slice(layer, turned, [{ axis: 0, from: direction, to: direction + 1, step: 1 }]);
  return reshape(layer, own, [batch, units]);
}

function isBatchFirst({ node }: OnnxOperator): boolean {
  return attributeInteger(node, 'layout', 0) !== 0;
}

/** What these layers can do besides, and we cannot. */
function refuseVariants(operator: OnnxOperator, functions: readonly string[], time: number): void {
  const { node } = operator;
  if (attributeFloats(node, 'activation_alpha') !== null || attributeFloats(node, 'activation_beta') !== null)
    throw refused(operator, 'activations with parameters are not supported', 'Use sigmoid and tanh.');
  if (node.attributes.has('clip'))
    throw refused(operator, 'the attribute clip is not supported', 'Train without clipping of gates.');
  if (attributeInteger(node, 'input_forget', 0) !== 0)
    throw refused(
      operator,
      'coupled input and forget gates are not supported',
      'Use an LSTM with four gates.',
    );
  const given = (attributeTexts(node, 'activations') ?? []).map((name) => name.toLowerCase());
  if (given.some((name, at) => name !== functions[at % functions.length]))
    throw refused(
      operator,
      `the activations ${given.join(', ')} are not supported (supported: ${functions.join(', ')})`,
      'Use the default activations.',
    );
  const lengths = constantAt(operator, 4, 'sequence_lens');
  if (lengths?.values.some((length) => length !== time))
    throw refused(
      operator,
      'sequences of different lengths are not supported',
      'Export the model for sequences of one length.',
    );
}

/** Outputs Y, Y_h and, where there are cells, Y_c. */
function recurrent(operator: OnnxOperator, gates: number, functions: readonly string[], run: Run): Value[] {
  const { node } = operator;
  const given = operator.inputs[0] ?? null;
  if (given === null || isConstant(given))
    throw refused(operator, 'its input is a constant or missing', 'Export the model again.');
  const batchFirst = isBatchFirst(operator);
  const x = batchFirst ? transposed(given, [1, 0, 2]) : given;
  const [time = 0, batch = 0, inputs = 0] = shapeOf(x);
  if (shapeOf(x).length !== 3)
    throw refused(operator, `its input has rank ${shapeOf(x).length}, expected 3`, 'Export the model again.');
  refuseVariants(operator, functions, time);
  const [w, r] = [wanted(operator, 1, 'the weights'), wanted(operator, 2, 'the recurrent weights')];
  const order = attributeText(node, 'direction', 'forward');
  const directions = order === 'bidirectional' ? 2 : 1;
  const units = r.shape[2] ?? 0;
  const isFitting =
    w.values.length === directions * gates * units * inputs &&
    r.values.length === directions * gates * units * units &&
    w.shape[0] === directions &&
    r.shape[0] === directions;
  if (!isFitting || units < 1)
    throw refused(
      operator,
      `weights of shapes [${w.shape.join(', ')}] and [${r.shape.join(', ')}] do not fit an input of shape [${shapeOf(given).join(', ')}]`,
      'Export the model again.',
    );
  const b = constantAt(operator, 3, 'the bias');
  const rows = gates * units;
  if (b !== null && b.values.length !== directions * 2 * rows)
    throw refused(
      operator,
      `the bias has ${b.values.length} elements, expected ${directions * 2 * rows}`,
      'Export the model again.',
    );
  const p = gates === 4 ? constantAt(operator, 7, 'the peepholes') : null;
  if (p !== null && p.values.length !== directions * 3 * units)
    throw refused(
      operator,
      `the peepholes have ${p.values.length} elements, expected ${directions * 3 * units}`,
      'Export the model again.',
    );
  const results = Array.from({ length: directions }, (_, index) => {
    const bias = b === null ? new Float64Array(2 * rows) : Float64Array.from(partOf(b, index).values);
    const shape = [directions, batch, units];
    return run(
      x,
      {
        backwards: order === 'reverse' || index === 1,
        weights: {
          units,
          input: partOf(w, index),
          recurrent: partOf(r, index),
          inputBias: bias.slice(0, rows),
          recurrentBias: bias.slice(rows),
        },
        first: {
          hidden: firstState(operator, 5, shape, index),
          cell: gates === 4 ? firstState(operator, 6, shape, index) : null,
        },
        peepholes: p === null ? null : partOf(p, index),
      },
      index,
    );
  });
  return outputsOf(operator, results, time, batchFirst);
}

/** Y [time, directions, batch, units], the last states [directions, batch, units]; with the batch first where that is said. */
function outputsOf(
  operator: OnnxOperator,
  results: readonly RecurrentResult[],
  time: number,
  batchFirst: boolean,
): Value[] {
  const layer = (part: string) => ({
    ...operator,
    name: part === '' ? operator.name : `${operator.name}/${part}`,
  });
  const byTime = Array.from({ length: time }, (_, at) =>
    stacked(
      layer(`step_${at}/directions`),
      results.map(({ steps }) => steps[at] as Value),
      0,
    ),
  );
  const all = stacked(layer(''), byTime, 0);
  const last = (part: string, values: readonly (Value | null)[]): Value[] => {
    const there = values.filter((value) => value !== null);
    if (there.length === 0) return [];
    const whole = stacked(layer(part), there, 0);
    return [batchFirst ? transposed(whole, [1, 0, 2]) : whole];
  };
  return [
    batchFirst ? transposed(all, [2, 0, 1, 3]) : all,
    ...last(
      'last_hidden',
      results.map(({ state }) => state.hidden),
    ),
    ...last(
      'last_cell',
      results.map(({ state }) => state.cell),
    ),
  ];
}

const directionName = (index: number): string => (index === 0 ? 'forward' : 'backward');

export function lstmNode(operator: OnnxOperator): readonly Value[] {
  return recurrent(
    operator,
    4,
    ['sigmoid', 'tanh', 'tanh'],
    (x, { weights, first, backwards, peepholes }, index) =>
      lstm({ ...operator, name: `${operator.name}/${directionName(index)}` }, x, weights, first, {
        backwards,
        peepholes,
      }),
  );
}

export function gruNode(operator: OnnxOperator): readonly Value[] {
  const resetsProduct = attributeInteger(operator.node, 'linear_before_reset', 0) !== 0;
  return recurrent(operator, 3, ['sigmoid', 'tanh'], (x, { weights, first, backwards }, index) =>
    gru({ ...operator, name: `${operator.name}/${directionName(index)}` }, x, weights, first, {
      backwards,
      resetsProduct,
    }),
  );
}

export function rnnNode(operator: OnnxOperator): readonly Value[] {
  const given = attributeTexts(operator.node, 'activations')?.[0]?.toLowerCase();
  const activation = given === 'relu' ? 'RELU' : 'TANH';
  return recurrent(operator, 1, [activation.toLowerCase()], (x, { weights, first, backwards }, index) =>
    simpleRecurrent({ ...operator, name: `${operator.name}/${directionName(index)}` }, x, weights, first, {
      backwards,
      activation,
    }),
  );
}
