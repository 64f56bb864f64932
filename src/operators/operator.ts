import { DeployError } from '../errors.ts';
import {
  type Graph,
  type Operator,
  type Rounding,
  type Tensor,
  type TypedArray,
  tensorAt,
} from '../graph/graph.ts';
import type { OptimizeSetting } from './setting.ts';

/** What an operator may read of its builtin options; absent fields give the schema's default. `field` is the field's position in the FlatBuffers table of schema.fbs. */
export interface OptionsReader {
  int8(field: number, fallback?: number): number;
  int32(field: number, fallback?: number): number;
  float32(field: number, fallback?: number): number;
  bool(field: number, fallback?: boolean): boolean;
  int32Vector(field: number): readonly number[];
}

/** One operator with its tensors resolved: what checks, reference and lowering work on. */
export interface Node<Options = unknown> {
  readonly operator: Operator<Options>;
  readonly options: Options;
  /** null where an optional input is absent. */
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  readonly rounding: Rounding;
  readonly file: string;
}

export interface CoreFeatures {
  /** The DSP extension: SMLAD, SXTB16, SSAT, SMMULR. */
  readonly dsp: boolean;
  /** A single-precision floating-point unit, which multiplies and adds in one. */
  readonly fpu: boolean;
  /** Helium (M-profile Vector Extension, integer). */
  readonly mve: boolean;
  /** 32-bit loads need no alignment. */
  readonly unaligned: boolean;
  /** Armv6-M: 8 low registers, no 32×32→64 multiply, no divide. */
  readonly v6m: boolean;
}

/** What a lowering decides by, besides the node. */
export interface LoweringContext {
  readonly features: CoreFeatures;
  readonly optimize: OptimizeSetting;
  /** One of the names that `variants` gives; absent: the first of them. */
  readonly variant?: string;
}

export type ConstantRole = 'weights' | 'table';

/** An array that the generated library holds in flash, in the order in which the kernel reads it. */
export interface Constant {
  /** Unique within the layer: `weights`, `bias`, `multiplier`, `shift`, `table`. */
  readonly name: string;
  readonly role: ConstantRole;
  readonly type: ElementTypeOfConstant;
  readonly values: ArrayLike<number>;
}
export type ElementTypeOfConstant = 'int8' | 'uint8' | 'int16' | 'int32' | 'float32';

/** One argument of the kernel, in the order of the C parameters. */
export type Argument =
  | { readonly is: 'input'; readonly index: number }
  | { readonly is: 'output'; readonly index: number }
  | { readonly is: 'constant'; readonly name: string }
  | { readonly is: 'scratch' };

/** One call of a kernel in C: what it is given, and what is known at compile time. */
export interface Invocation {
  readonly arguments: readonly Argument[];
  /** Fields of the kernel's struct, compile-time constants; a list of numbers initialises an array field. */
  readonly parameters: Readonly<Record<string, number | readonly number[]>>;
}

/** What a node becomes: which C function, its first call, and what all its calls share. */
export interface KernelCall extends Invocation {
  /** Function `kernel` in `runtime/kernels/<kernel>.h`, whose last parameter is the struct `parametersType`. */
  readonly kernel: string;
  /** Tag of the C struct that `parameters` initialise, e.g. `convolution_parameters`. */
  readonly parametersType: string;
  readonly constants: readonly Constant[];
  /** More calls of the same kernel, in this order: operators that move several tensors make one for each. */
  readonly furtherCalls?: readonly Invocation[];
  /** Bytes of arena that the kernel needs while it runs. */
  readonly scratchBytes: number;
  /** Inputs (positions) whose memory the first output may take over, element for element: the kernel reads each element before it writes it. */
  readonly inPlace: readonly number[];
  /** How the kernel walks over an input while it writes the first output; absent where the order of its accesses is not promised. */
  readonly walk?: Walk;
  /** Multiply-accumulates for one inference. */
  readonly macs: number;
}

/** What one step of a kernel reads of the input and writes of the output: byte ranges, ends exclusive. */
export interface WalkStep {
  readonly readFrom: number;
  readonly readTo: number;
  readonly writeFrom: number;
  readonly writeTo: number;
}

/** The order in which a kernel goes through input and output. */
export interface Walk {
  /** Position of the input. */
  readonly input: number;
  readonly steps: readonly WalkStep[];
  /**
   * `any`: within a step reads and writes may come in any order. `reads-first`: all reads before the first write.
   * `channelwise`: channel by channel, each read in all of
   * the step's pixels before it is written, where input and output pixels have equally many channels.
   */
  readonly withinStep: 'any' | 'reads-first' | 'channelwise';
  /** The kernel has a parameter `reverse` that turns the order of the steps around. */
  readonly reversible: boolean;
}

export function invocationsOf(call: KernelCall): readonly Invocation[] {
  return [call, ...(call.furtherCalls ?? [])];
}

/** A node that costs nothing: the output is the input's bytes (RESHAPE). */
export interface Alias {
  readonly alias: { readonly input: number; readonly output: number };
}

export type Lowering = KernelCall | Alias;

/** One file per operator exports one of these; `src/operators/index.ts` lists them. */
export interface OperatorDefinition<Options = unknown> {
  /** The TFLite operator name. */
  readonly kind: string;
  /** BuiltinOperator code of the TFLite schema. */
  readonly code: number;
  /** One clause for errors and docs, e.g. "int8 activations and weights, int32 bias". */
  readonly supports: string;
  /** Positions of inputs that are state: the operator finds there what it left in the inference before. Absent: none. */
  readonly stateInputs?: readonly number[];
  readOptions(options: OptionsReader): Options;
  /** Types, ranks and shapes: throws DeployError (kind `input`) when this node is not one that we compute. What an operator is, its tensor types decide, not its version. */
  check(node: Node<Options>): void;
  /** Bit-exact with TensorFlow Lite Micro's reference kernel. `inputs[i]` holds the elements of node.inputs[i] (null if absent); returns one array per output. State among the inputs (`initialState`) it changes in place. */
  reference(node: Node<Options>, inputs: readonly (TypedArray | null)[]): TypedArray[];
  /**
   * The ways to compute this node exactly on such a core, by names that say kernel, tile and layout (`winograd`, `wide-2x2`),
   * the one that the setting takes by itself first. Absent, or one name: there is no choice.
   */
  variants?(node: Node<Options>, context: Omit<LoweringContext, 'variant'>): readonly string[];
  lower(node: Node<Options>, context: LoweringContext): Lowering;
}

/** Keeps the options' type inside an operator's file and lets the table hold all of them alike. */
export function defineOperator<Options>(definition: OperatorDefinition<Options>): OperatorDefinition {
  return definition as unknown as OperatorDefinition;
}

export function nodeOf(graph: Graph, operator: Operator): Node {
  return {
    operator,
    options: operator.options,
    inputs: operator.inputs.map((index) => (index < 0 ? null : tensorAt(graph, index))),
    outputs: operator.outputs.map((index) => tensorAt(graph, index)),
    rounding: graph.rounding ?? 'double',
    file: graph.source.file,
  };
}

/** The input at `position`, which must be there. */
export function inputOf(node: Node, position: number): Tensor {
  const tensor = node.inputs[position];
  if (tensor === undefined || tensor === null)
    throw unsupported(
      node,
      `input ${position} is missing`,
      null,
      'Export the model again: the file is not a valid TFLite model.',
    );
  return tensor;
}

export function outputOf(node: Node, position = 0): Tensor {
  const tensor = node.outputs[position];
  if (tensor === undefined)
    throw unsupported(
      node,
      `output ${position} is missing`,
      null,
      'Export the model again: the file is not a valid TFLite model.',
    );
  return tensor;
}

/** The one sentence for a node that we do not compute: operator, index, tensor, what is supported, what to try. */
export function unsupported(node: Node, what: string, tensor: Tensor | null, hint: string): DeployError {
  return new DeployError(
    'input',
    `${what}.`,
    {
      file: node.file,
      operator: `${node.operator.kind} #${node.operator.index}`,
      ...(tensor === null ? {} : { tensor: tensor.name }),
    },
    hint,
  );
}
