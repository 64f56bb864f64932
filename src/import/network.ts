import { DeployError, type Place } from '../errors.ts';
import {
  bytesOf,
  type ElementType,
  elementCount,
  type Graph,
  type Operator,
  type Quantization,
  type Tensor,
} from '../graph/graph.ts';
import { limits, validateGraph } from '../graph/validate.ts';
import {
  arranged,
  dimensionOrder,
  factorsOf,
  inFileOrder,
  sameList,
  shapeOf,
  type Value,
} from './arrangement.ts';
import { type Constant, permuted, type Steps } from './constant.ts';
import { foldQuantization } from './quantized_graph.ts';
import { tidy } from './tidy.ts';

const mostTensors = 10_000;

/** While importing, before unused ones are dropped: keeps a small hostile file from taking the host's memory or time. */
const mostBytes = { constant: 2 * limits.computedBytes, computed: 2 * limits.computedBytes } as const;

const rectifies = new Set(['RELU', 'RELU6', 'LOGISTIC', 'SOFTMAX']);
const keepsSign = new Set(
  'MAX_POOL_2D AVERAGE_POOL_2D MEAN PAD MIRROR_PAD RESHAPE TRANSPOSE CONCATENATION SLICE ADD MUL'.split(' '),
);

/** What takes quantized integers as they are. */
const moves = new Set(
  'CONCATENATION GATHER MAX_POOL_2D REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_NEAREST_NEIGHBOR SLICE STRIDED_SLICE TRANSPOSE'.split(
    ' ',
  ),
);

/**
 * A graph while an importer builds it from a model with channels first: operators as TFLite has them, channels last.
 * Elements are moved (TRANSPOSE) only where an operator demands an order that the tensor does not have.
 */
export class Network {
  readonly file: string;
  readonly #tensors: Tensor[] = [];
  readonly #operators: Operator[] = [];
  readonly #inputs: number[] = [];
  /** Bytes of all tensors so far, constants and computed ones. */
  readonly #bytes = { constant: 0, computed: 0 };
  /** Tensors without a value below 0. */
  readonly #nonNegative = new Set<number>();
  /** Tensors in another shape or order that were made already. */
  readonly #again = new Map<string, number>();
  /** Constants that were integers before they were dequantized. */
  readonly #steps = new Map<number, Steps>();

  constructor(file: string) {
    this.file = file;
  }

  tensor(index: number): Tensor {
    const tensor = this.#tensors[index];
    if (tensor === undefined) throw new RangeError(`tensor ${index} of ${this.#tensors.length}`);
    return tensor;
  }

  #add(tensor: Omit<Tensor, 'index'>): number {
    if (this.#tensors.length >= mostTensors)
      throw new DeployError(
        'input',
        `the model needs more than ${mostTensors} tensors.`,
        { file: this.file },
        'No network for a microcontroller is that large.',
      );
    const { shape } = tensor;
    if (shape.length > limits.rank || elementCount(shape) * 4 > limits.tensorBytes)
      throw new DeployError(
        'input',
        `the shape [${shape.join(', ')}] is more than the ${limits.rank} dimensions and ${limits.tensorBytes} bytes that are allowed.`,
        { file: this.file, tensor: tensor.name },
        'No network for a microcontroller is that large.',
      );
    const kind = tensor.data === null ? 'computed' : 'constant';
    this.#bytes[kind] += elementCount(shape) * 4;
    if (this.#bytes[kind] > mostBytes[kind])
      throw new DeployError(
        'input',
        `the ${kind === 'constant' ? 'weights' : 'values'} of the model take more than ${mostBytes[kind]} bytes.`,
        { file: this.file, tensor: tensor.name },
        'No network for a microcontroller is that large.',
      );
    return this.#tensors.push({ ...tensor, index: this.#tensors.length }) - 1;
  }

  /** `shape` as the file has it, `dims` the order in which the tensor has the dimensions. */
  input(
    name: string,
    shape: readonly number[],
    dims: readonly number[],
    type: ElementType = 'float32',
    quantization: Quantization | null = null,
  ): Value {
    const turned = dims.map((dim) => shape[dim] as number);
    const tensor = this.#add({
      name,
      type,
      shape: turned,
      quantization,
      data: null,
      ...orderOf(dims),
    });
    this.#inputs.push(tensor);
    return arranged(tensor, shape, dims);
  }

  constant(name: string, { is, shape, values, steps }: Constant): number {
    const data = is === 'float' ? new Float32Array(values) : new Int32Array(values);
    const tensor = this.#add({
      name,
      type: is === 'float' ? 'float32' : 'int32',
      shape,
      quantization: null,
      data: bytesOf(data),
    });
    if (steps !== undefined) this.#steps.set(tensor, steps);
    return tensor;
  }

  integers(name: string, values: readonly number[], shape: readonly number[] = [values.length]): number {
    return this.constant(name, { is: 'integer', shape, values: Float64Array.from(values) });
  }

  /** A constant where a value is wanted. */
  valueOf(name: string, constant: Constant): Value {
    const { is, values } = constant;
    if (is === 'integer' && values.some((each) => each < -(2 ** 31) || each >= 2 ** 31))
      throw new DeployError(
        'input',
        'a number does not fit 32 bits.',
        { file: this.file, tensor: name },
        'Export the model with int32, or smaller numbers.',
      );
    return inFileOrder(this.constant(name, constant), constant.shape);
  }

  /** Adds an operator with one output; returns the output's tensor. */
  emit(
    kind: string,
    inputs: readonly number[],
    options: unknown,
    output: {
      readonly name: string;
      readonly shape: readonly number[];
      readonly type?: ElementType;
      readonly quantization?: Quantization;
    },
  ): number {
    const moved = moves.has(kind) ? inputs.map((input) => this.tensor(input)).find(isQuantized) : undefined;
    const tensor = this.#add({
      name: output.name,
      type: output.type ?? moved?.type ?? this.#plainType(inputs) ?? 'float32',
      shape: output.shape,
      quantization: output.quantization ?? moved?.quantization ?? null,
      data: null,
    });
    this.#operators.push({ index: this.#operators.length, kind, inputs, outputs: [tensor], options });
    const passes = keepsSign.has(kind) && inputs.every((input) => this.isNonNegative(input));
    if (rectifies.has(kind) || passes) this.#nonNegative.add(tensor);
    return tensor;
  }

  /** Plain integers and truths stay what they are. */
  #plainType(inputs: readonly number[]): ElementType | null {
    const computed = inputs.map((input) => this.tensor(input)).find(({ data }) => data === null);
    return computed?.type === 'int32' || computed?.type === 'bool' ? computed.type : null;
  }

  /** Adds to the options of the operator that computes a tensor. */
  specify(tensor: number, options: object): void {
    const at = this.#operators.findLastIndex(({ outputs }) => outputs.includes(tensor));
    const operator = this.#operators[at];
    if (operator !== undefined)
      this.#operators[at] = { ...operator, options: { ...(operator.options as object | null), ...options } };
  }

  /** Whether the tensor has no value below 0, so that a zero is never above the maximum. */
  isNonNegative(tensor: number): boolean {
    return this.#nonNegative.has(tensor) || this.tensor(tensor).type === 'int32';
  }

  /** The tensor's elements, in their order, in another shape. */
  inShape(tensor: number, shape: readonly number[]): number {
    const from = this.tensor(tensor);
    if (sameList(from.shape, shape)) return tensor;
    return this.#once(`${tensor}:${shape.join()}`, () => {
      if (from.data !== null) {
        const again = this.#add({ ...from, shape });
        const steps = this.#steps.get(tensor);
        if (steps !== undefined) this.#steps.set(again, steps);
        return again;
      }
      const name = `${from.name}/reshape`;
      return this.#reshaped(tensor, name, shape);
    });
  }

  /** A tensor whose dimension i is the value's dimension dims[i]. */
  arrange(value: Value, dims: readonly number[]): number {
    const shape = shapeOf(value);
    const wanted = dims.map((dim) => shape[dim] as number);
    const target = factorsOf(value, dims);
    if (sameList(target, value.order)) return this.inShape(value.tensor, wanted);
    return this.inShape(this.#inOrder(value, target), wanted);
  }

  /** Moves the elements; factors that stay neighbours move as one. */
  #inOrder({ tensor, factors, order }: Value, target: readonly number[]): number {
    return this.#once(`${tensor}:${factors.join()}:${order.join()}:${target.join()}`, () => {
      const runs: { at: number; size: number }[] = [];
      let behind = -1;
      for (const factor of target) {
        const at = order.indexOf(factor);
        const size = factors[factor] as number;
        const last = runs.at(-1);
        if (last !== undefined && at === behind) last.size *= size;
        else runs.push({ at, size });
        behind = at + 1;
      }
      const before = [...runs].sort((a, b) => a.at - b.at);
      const permutation = runs.map((run) => before.indexOf(run));
      const from = this.inShape(
        tensor,
        before.map(({ size }) => size),
      );
      const { data, name, type } = this.tensor(from);
      const shape = runs.map(({ size }) => size);
      if (data !== null && type === 'float32') {
        const values = new Float32Array(new Uint8Array(data).buffer);
        return this.constant(
          name,
          permuted({ is: 'float', shape: before.map(({ size }) => size), values }, permutation),
        );
      }
      const moved = `${name}/transpose`;
      const axes = this.integers(`${moved}/permutation`, permutation);
      return this.emit('TRANSPOSE', [from, axes], null, { name: moved, shape, type });
    });
  }

  #once(key: string, make: () => number): number {
    const known = this.#again.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#again.set(key, made);
    return made;
  }

  /** In which order the tensor has the value's dimensions; the file's order where its dimensions are torn apart. */
  orderOf(value: Value): readonly number[] {
    return dimensionOrder(value, this.tensor(value.tensor).shape) ?? [...value.groups.keys()];
  }

  /** Whether the tensor is there before anything runs: an input of the model, or a constant. */
  #isGiven(tensor: number): boolean {
    return this.#inputs.includes(tensor) || this.tensor(tensor).data !== null;
  }

  /** The same elements in a tensor of their own: each output of a model has one. */
  #copied(tensor: number): number {
    const { name, shape } = this.tensor(tensor);
    return this.#reshaped(tensor, `${name}/copy`, shape);
  }

  /** A scalar's shape would be a constant without elements: RESHAPE has none then. */
  #reshaped(tensor: number, name: string, shape: readonly number[]): number {
    const { type, quantization } = this.tensor(tensor);
    const inputs = shape.length === 0 ? [tensor] : [tensor, this.integers(`${name}/shape`, shape)];
    const same = quantization === null ? {} : { quantization };
    return this.emit('RESHAPE', inputs, null, { name, shape, type, ...same });
  }

  /** The graph, tidied and validated. Throws DeployError. */
  finish(
    identity: Pick<Graph, 'name' | 'source' | 'fixed'>,
    outputs: readonly { readonly name: string; readonly value: Value }[],
  ): Graph {
    const taken = new Set<number>(this.#inputs);
    const named = outputs.map(({ name, value }) => {
      const dims = this.#isGiven(value.tensor) ? [...value.groups.keys()] : this.orderOf(value);
      const arranged = this.arrange(value, dims);
      const tensor = taken.has(arranged) || this.#isGiven(arranged) ? this.#copied(arranged) : arranged;
      taken.add(tensor);
      return { name, dims, tensor };
    });
    const tensors = [...this.#tensors];
    for (const { name, dims, tensor } of named) {
      const { fileOrder: _, ...rest } = this.tensor(tensor);
      if (!this.#inputs.includes(tensor)) tensors[tensor] = { ...rest, name, ...orderOf(dims) };
    }
    const graph: Graph = {
      ...identity,
      tensors,
      operators: this.#operators,
      inputs: this.#inputs,
      outputs: named.map(({ tensor }) => tensor),
    };
    return validateGraph(tidy(foldQuantization(graph, this.#steps)));
  }
}

function isQuantized({ data, quantization }: Tensor): boolean {
  return data === null && quantization !== null;
}

function orderOf(dims: readonly number[]): Pick<Tensor, 'fileOrder'> {
  return dims.every((dim, axis) => dim === axis) ? {} : { fileOrder: dims };
}

/** One operator of the file while it is imported: where it stands, what its result is called. */
export interface Layer {
  readonly network: Network;
  readonly name: string;
  readonly where: Place;
}

/** The one sentence for what a layer cannot be imported with. */
export function refused({ where }: Layer, what: string, hint: string): DeployError {
  return new DeployError('input', `${what}.`, where, hint);
}
