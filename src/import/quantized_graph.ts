import { DeployError } from '../errors.ts';
import {
  bytesOf,
  elementCount,
  type Graph,
  type Operator,
  type Quantization,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import {
  applied,
  type ByteFunction,
  dequantizing,
  isElementwise,
  onGrid,
  quantizedValues,
} from './byte_functions.ts';
import type { Steps } from './constant.ts';
import { integerBias, integerWeights, scaledTensor } from './integer_constants.ts';

/** A float tensor known to be a function of one number of an int8 tensor, element for element. */
interface View {
  readonly source: number;
  readonly values: ByteFunction;
}

/** Operators that move numbers or choose among them: on integers they do the same. */
const movers = new Set(
  'BATCH_TO_SPACE_ND DEPTH_TO_SPACE EXPAND_DIMS GATHER MAX_POOL_2D MIRROR_PAD PAD REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_NEAREST_NEIGHBOR SLICE SPACE_TO_BATCH_ND SPACE_TO_DEPTH SQUEEZE STRIDED_SLICE TRANSPOSE'.split(
    ' ',
  ),
);

/** Operators whose sums are exact in integers, by the positions of value, weights and bias. */
const weighted: Readonly<
  Record<
    string,
    { readonly value: number; readonly weights: number; readonly bias: number; readonly axis: number }
  >
> = {
  CONV_2D: { value: 0, weights: 1, bias: 2, axis: 0 },
  DEPTHWISE_CONV_2D: { value: 0, weights: 1, bias: 2, axis: 3 },
  FULLY_CONNECTED: { value: 0, weights: 1, bias: 2, axis: 0 },
  TRANSPOSE_CONV: { value: 2, weights: 1, bias: 3, axis: 0 },
};
/** Others that have a kernel on integers; all their float inputs are values or constants that were integers. */
const arithmetic = new Set('ADD AVERAGE_POOL_2D BATCH_MATMUL MEAN MUL SOFTMAX SUB SUM'.split(' '));

/** Every operator that can compute on integers in a graph that rounds once. */
export const onIntegers: ReadonlySet<string> = new Set([
  ...movers,
  ...Object.keys(weighted),
  ...arithmetic,
  'ARG_MAX',
  'ARG_MIN',
  'CONCATENATION',
  'DEQUANTIZE',
  'QUANTIZE',
  'TABLE',
]);

/** What may stand between an operator and the QUANTIZE that rounds its result: rounding first comes to the same. */
const commutes = new Set([...movers, 'CONCATENATION', 'RELU', 'RELU6', 'MAXIMUM', 'MINIMUM']);

/**
 * DEQUANTIZE, float operators, QUANTIZE become operators on int8, and the graph one that rounds once. Element-by-element
 * functions become tables. What has no form on integers stays float32 between the two.
 */
export function foldQuantization(graph: Graph, steps: ReadonlyMap<number, Steps>): Graph {
  if (!graph.tensors.some(({ quantization }) => quantization !== null)) return graph;
  return new Folding(graph, steps).fold();
}

class Folding {
  readonly #graph: Graph;
  readonly #steps: ReadonlyMap<number, Steps>;
  readonly #tensors: Tensor[];
  readonly #operators: Operator[] = [];
  readonly #views = new Map<number, View>();
  /** For each int8 tensor of the file the one that has its elements. */
  readonly #same = new Map<number, number>();
  readonly #writers = new Map<number, Operator>();
  readonly #readers = new Map<number, Operator[]>();
  readonly #emitted = new Set<number>();

  constructor(graph: Graph, steps: ReadonlyMap<number, Steps>) {
    this.#graph = graph;
    this.#steps = steps;
    this.#tensors = [...graph.tensors];
    for (const operator of graph.operators) {
      for (const output of operator.outputs) this.#writers.set(output, operator);
      for (const input of operator.inputs)
        this.#readers.set(input, [...(this.#readers.get(input) ?? []), operator]);
    }
  }

  fold(): Graph {
    for (const operator of this.#graph.operators) this.#take(operator);
    for (const output of this.#graph.outputs) this.#materialize(output);
    return {
      ...this.#graph,
      tensors: this.#tensors,
      operators: this.#operators.map((operator, index) => ({ ...operator, index })),
      rounding: 'single',
    };
  }

  #add(tensor: Omit<Tensor, 'index'>): number {
    return this.#tensors.push({ ...tensor, index: this.#tensors.length }) - 1;
  }

  #tensor(index: number): Tensor {
    return this.#tensors[index] as Tensor;
  }

  #emit(operator: Pick<Operator, 'kind' | 'inputs' | 'outputs' | 'options'>): void {
    for (const output of operator.outputs) this.#emitted.add(output);
    this.#operators.push({ ...operator, index: this.#operators.length });
  }

  #resolved(index: number): number {
    return this.#same.get(index) ?? index;
  }

  #take(operator: Operator): void {
    const [input = -1] = operator.inputs;
    const [output = -1] = operator.outputs;
    if (operator.kind === 'DEQUANTIZE') {
      const source = this.#resolved(input);
      const { quantization } = this.#tensor(source);
      if (quantization !== null) this.#views.set(output, { source, values: dequantizing(quantization) });
      return;
    }
    const { quantization } = this.#tensor(output);
    if (operator.kind === 'QUANTIZE') this.#quantize(operator, input, output);
    else if (quantization !== null) this.#move(operator, output, quantization);
    else if (!this.#takeFunction(operator, output) && !this.#takeMover(operator, output))
      this.#takeArithmetic(operator, output);
  }

  /** A float tensor becomes integers: by a table, or by the float operator where nothing is known of it. */
  #quantize(operator: Operator, input: number, output: number): void {
    const view = this.#views.get(input);
    const { quantization } = this.#tensor(output);
    if (quantization === null) return;
    if (view === undefined) {
      this.#materialize(input);
      this.#emit(operator);
      return;
    }
    const answers = quantizedValues(view.values, quantization);
    const own = this.#tensor(view.source).quantization;
    const isSame =
      own !== null &&
      sameQuantization(own, quantization) &&
      answers.every((answer, at) => answer === at - 128);
    if (isSame && !this.#graph.outputs.includes(output)) {
      this.#same.set(output, view.source);
      return;
    }
    this.#emitTable(view.source, answers, output);
  }

  #emitTable(source: number, answers: Int8Array, output: number): void {
    const name = `${this.#tensor(output).name}/table`;
    const data = bytesOf(answers);
    const table = this.#add({ name, type: 'int8', shape: [256], quantization: null, data });
    this.#emit({ kind: 'TABLE', inputs: [source, table], outputs: [output], options: null });
  }

  /** An operator on integers as the file has it. */
  #move(operator: Operator, output: number, quantization: Quantization): void {
    const inputs = operator.inputs.map((input) => this.#resolved(input));
    for (const input of inputs) {
      const { data, quantization: own, type } = this.#tensor(input);
      if (data !== null || type === 'int32') continue;
      if (own === null || !sameQuantization(own, quantization))
        throw this.#refusal(
          operator,
          'it mixes integers of different scales',
          'Quantize the model again in the QDQ format.',
        );
    }
    this.#emit({ ...operator, inputs, outputs: [output] });
  }

  #takeFunction(operator: Operator, output: number): boolean {
    if (!isElementwise(operator)) return false;
    const computed = operator.inputs.filter((input) => this.#tensor(input).data === null);
    const views = computed.map((input) => this.#views.get(input));
    const [first] = views;
    if (first === undefined || views.some((view) => view?.source !== first.source)) return false;
    const count = elementCount(this.#tensor(output).shape);
    if (elementCount(this.#tensor(first.source).shape) !== count) return false;
    // Two looks at one tensor in different shapes would broadcast.
    if (computed.some((input) => !isSameShape(this.#tensor(input).shape, this.#tensor(output).shape)))
      return false;
    const inputs = operator.inputs.map((input) => this.#views.get(input)?.values ?? this.#tensor(input));
    const tensors = operator.inputs.map((input) => this.#tensor(input));
    const values = applied(operator, inputs, tensors, this.#graph.source.file);
    if (values === null) return false;
    this.#views.set(output, { source: first.source, values });
    return true;
  }

  /** The int8 tensor that holds a float tensor's values exactly; null where there is none. */
  #integers(index: number): number | null {
    const view = this.#views.get(index);
    if (view === undefined) return null;
    const source = this.#tensor(view.source);
    if (source.quantization === null) return null;
    const numbers = onGrid(view.values, source.quantization);
    if (numbers === null) return null;
    if (numbers.every((number, at) => number === at - 128)) return view.source;
    const { name, shape, type, quantization } = { ...source, name: this.#tensor(index).name };
    const clamped = this.#add({ name, shape, type, quantization, data: null });
    this.#emitTable(view.source, numbers, clamped);
    this.#views.set(index, { source: clamped, values: dequantizing(source.quantization) });
    return clamped;
  }

  #takeMover(operator: Operator, output: number): boolean {
    const [input = -1] = operator.inputs;
    const view = this.#views.get(input);
    if (view === undefined)
      return operator.kind === 'CONCATENATION' ? this.#concatenate(operator, output) : false;
    if (operator.kind === 'CONCATENATION') return this.#concatenate(operator, output);
    if (operator.kind === 'ARG_MAX' || operator.kind === 'ARG_MIN') {
      const source = this.#integers(input);
      if (source === null) return false;
      this.#emit({ ...operator, inputs: [source, ...operator.inputs.slice(1)] });
      return true;
    }
    if (!movers.has(operator.kind)) return false;
    // What only moves keeps any function; what compares, or fills in zeros, needs the numbers themselves.
    const isPlain = !/POOL|REDUCE|PAD/.test(operator.kind) || operator.kind === 'MIRROR_PAD';
    const source = isPlain ? view.source : this.#integers(input);
    if (source === null) return false;
    const values = isPlain ? view.values : (this.#views.get(input)?.values ?? view.values);
    const { name, shape } = this.#tensor(output);
    const { type, quantization } = this.#tensor(source);
    const moved = this.#add({ name, shape, type, quantization, data: null });
    this.#emit({ ...operator, inputs: [source, ...operator.inputs.slice(1)], outputs: [moved] });
    this.#views.set(output, { source: moved, values });
    return true;
  }

  /** Integers of one scale stay as they are; others take that of the QUANTIZE behind. */
  #concatenate(operator: Operator, output: number): boolean {
    const views = operator.inputs.map((input) => this.#views.get(input));
    const wanted = this.#resultQuantization(output);
    const [first] = operator.inputs.flatMap((input) => {
      const source = this.#integers(input);
      return source === null ? [] : (this.#tensor(source).quantization ?? []);
    });
    const quantization = wanted ?? first ?? null;
    if (quantization === null) return false;
    const inputs: number[] = [];
    for (const [position, index] of operator.inputs.entries()) {
      const view = views[position] === undefined ? undefined : this.#views.get(index);
      const tensor = this.#tensor(index);
      if (view === undefined) {
        const constant = this.#constant(index, quantization);
        if (constant === null) return false;
        inputs.push(constant);
        continue;
      }
      const own = this.#tensor(view.source).quantization;
      const exact = onGrid(view.values, quantization);
      if (wanted === null && exact === null) return false;
      const answers = quantizedValues(view.values, quantization);
      if (
        own !== null &&
        sameQuantization(own, quantization) &&
        answers.every((answer, at) => answer === at - 128)
      ) {
        inputs.push(view.source);
        continue;
      }
      const { name, shape } = tensor;
      const scaled = this.#add({ name, shape, type: 'int8', quantization, data: null });
      this.#emitTable(view.source, answers, scaled);
      inputs.push(scaled);
    }
    const { name, shape } = this.#tensor(output);
    const joined = this.#add({ name, shape, type: 'int8', quantization, data: null });
    this.#emit({ ...operator, inputs, outputs: [joined] });
    this.#views.set(output, { source: joined, values: dequantizing(quantization) });
    return true;
  }

  /** A constant float tensor in a given quantization, where it is exact. */
  #constant(index: number, quantization: Quantization): number | null {
    const { data, type, name, shape } = this.#tensor(index);
    if (data === null || type !== 'float32') return null;
    const values = typedArray('float32', data) as Float32Array;
    const numbers = scaledTensor(values, quantization);
    if (numbers === null) return null;
    return this.#add({ name, shape, type: 'int8', quantization, data: bytesOf(numbers) });
  }

  /** What every reader of a float tensor rounds it to at last; null where there is none, or more than one. */
  #resultQuantization(index: number, depth = 0): Quantization | null {
    const readers = this.#readers.get(index) ?? [];
    if (readers.length === 0 || depth > 100 || this.#graph.outputs.includes(index)) return null;
    let result: Quantization | null = null;
    for (const { kind, inputs, outputs } of readers) {
      const [output = -1] = outputs;
      const isBound = kind !== 'MAXIMUM' && kind !== 'MINIMUM';
      const others = inputs.filter((input) => input !== index);
      const isClamp =
        isBound ||
        others.every(
          (other) => this.#tensor(other).data !== null && elementCount(this.#tensor(other).shape) === 1,
        );
      const found =
        kind === 'QUANTIZE'
          ? this.#tensor(output).quantization
          : commutes.has(kind) && isClamp
            ? this.#resultQuantization(output, depth + 1)
            : null;
      if (found === null || (result !== null && !sameQuantization(result, found))) return null;
      result = found;
    }
    return result;
  }

  #takeArithmetic(operator: Operator, output: number): void {
    const place = weighted[operator.kind];
    if (place === undefined && !arithmetic.has(operator.kind)) return;
    const quantization = this.#resultQuantization(output);
    if (quantization === null) return;
    const inputs = place === undefined ? this.#valueInputs(operator) : this.#weightedInputs(operator, place);
    if (inputs === null) return;
    const { name, shape } = this.#tensor(output);
    const result = this.#add({ name, shape, type: 'int8', quantization, data: null });
    this.#emit({ ...operator, inputs, outputs: [result] });
    this.#views.set(output, { source: result, values: dequantizing(quantization) });
  }

  /** Values as integers; constants that were integers as such again; axes and the like as they are. */
  #valueInputs({ inputs }: Operator): number[] | null {
    const result: number[] = [];
    for (const input of inputs) {
      const { data, type, name, shape } = this.#tensor(input);
      if (type !== 'float32') {
        result.push(input);
        continue;
      }
      if (data === null) {
        const source = this.#integers(input);
        if (source === null) return null;
        result.push(source);
        continue;
      }
      const steps = this.#steps.get(input);
      if (steps?.scales.length !== 1) return null;
      const quantization = { scales: steps.scales, zeroPoints: [0], axis: 0 };
      const numbers = scaledTensor(typedArray('float32', data) as Float32Array, quantization);
      if (numbers === null) return null;
      result.push(this.#add({ name, shape, type: 'int8', quantization, data: bytesOf(numbers) }));
    }
    return result;
  }

  #weightedInputs(
    operator: Operator,
    place: { readonly value: number; readonly weights: number; readonly bias: number; readonly axis: number },
  ): number[] | null {
    const source = this.#integers(operator.inputs[place.value] ?? -1);
    const weights = this.#tensor(operator.inputs[place.weights] ?? -1);
    const steps = this.#steps.get(weights?.index ?? -1);
    if (source === null || weights?.data == null || steps === undefined) return null;
    const integers = integerWeights(weights, steps, place.axis);
    if (integers === null)
      throw this.#refusal(
        operator,
        'its weights are not int8 around a zero point of 0 (uint8: 128), one scale for all or one for each output channel',
        'Quantize the weights symmetrically (weight_type=QInt8).',
      );
    const inputs = [...operator.inputs];
    inputs[place.value] = source;
    inputs[place.weights] = this.#add({ ...weights, type: 'int8', ...integers });
    const bias = operator.inputs[place.bias];
    if (bias !== undefined && bias >= 0) {
      const inputScale = this.#tensor(source).quantization?.scales[0] ?? 1;
      const scales = integers.quantization.scales.map((scale) => Math.fround(inputScale * scale));
      const data = integerBias(this.#tensor(bias), this.#steps.get(bias), scales);
      if (data === null)
        throw this.#refusal(operator, 'its bias does not fit 32 bits', 'Quantize the model again.');
      const quantization = { scales, zeroPoints: scales.map(() => 0), axis: 0 };
      inputs[place.bias] = this.#add({ ...this.#tensor(bias), type: 'int32', data, quantization });
    }
    return inputs;
  }

  /** Makes a float (or integer) tensor of the file be there: by its operator, or from the integers that stand for it. */
  #materialize(index: number): void {
    if (this.#emitted.has(index) || this.#graph.inputs.includes(index)) return;
    if (this.#tensor(index).data !== null) return;
    const view = this.#views.get(index);
    const own = view === undefined ? null : this.#tensor(view.source).quantization;
    if (view !== undefined && own !== null) {
      const source = this.#integers(index);
      if (source !== null) {
        this.#emit({ kind: 'DEQUANTIZE', inputs: [source], outputs: [index], options: null });
        return;
      }
    }
    const operator = this.#writers.get(index);
    if (operator === undefined) return;
    for (const input of operator.inputs) if (input >= 0) this.#materialize(this.#resolved(input));
    if (operator.kind === 'QUANTIZE' || operator.kind === 'DEQUANTIZE' || !this.#emitted.has(index))
      this.#emit({ ...operator, inputs: operator.inputs.map((input) => this.#resolved(input)) });
  }

  #refusal(operator: Operator, what: string, hint: string): DeployError {
    const [output = -1] = operator.outputs;
    return new DeployError(
      'input',
      `${what}.`,
      {
        file: this.#graph.source.file,
        operator: `${operator.kind} #${operator.index}`,
        tensor: tensorAt(this.#graph, output).name,
      },
      hint,
    );
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function sameQuantization(a: Quantization, b: Quantization): boolean {
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}
