/** The typed graph that every importer makes and every later stage reads. TFLite semantics: NHWC, row-major. */

export type ElementType = 'int8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'float32' | 'bool';

export const bytesPerElement: Readonly<Record<ElementType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float32: 4,
  bool: 1,
};

/**
 * real = scale × (quantized − zeroPoint). One scale for the tensor, or one for each index of `axis`
 * (TFLite int8 quantization specification).
 */
export interface Quantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** The quantized dimension when there are several scales; 0 otherwise. */
  readonly axis: number;
}

export interface Tensor {
  /** Index in `Graph.tensors`; for a .tflite also the index in the file. */
  readonly index: number;
  readonly name: string;
  readonly type: ElementType;
  /** All dimensions are known and at least 1. [] is a scalar. */
  readonly shape: readonly number[];
  readonly quantization: Quantization | null;
  /** Little-endian bytes of a constant; null for a value computed at run time. */
  readonly data: Uint8Array | null;
  /**
   * Inputs and outputs of models that were made with channels first: dimension i here is dimension fileOrder[i] in the
   * file, such as [0, 2, 3, 1]. Absent where both agree.
   */
  readonly fileOrder?: readonly number[];
  /**
   * Little-endian bytes at reset of a tensor that keeps its value from one inference to the next; operators that
   * read it may also change it. Absent for every other; `data` is null where it is there.
   */
  readonly initialState?: Uint8Array;
}

export interface Operator<Options = unknown> {
  readonly index: number;
  /** The TFLite operator name, e.g. `CONV_2D`; the key into the operator table. */
  readonly kind: string;
  /** Tensor indices; -1 where an optional input is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Options;
}

/**
 * How a product with a real multiplier becomes an integer again. `double`: a high multiply and a right shift, each of
 * which rounds (TensorFlow Lite Micro). `single`: one rounding of the exact product (onnxruntime).
 */
export type Rounding = 'double' | 'single';

/** A dimension of an input that the model's file leaves open, and what it was fixed to. */
export interface FixedSize {
  /** Name of the input. */
  readonly input: string;
  /** Position in the file's order of dimensions. */
  readonly dimension: number;
  /** What the file calls it; `` where it has no name. */
  readonly name: string;
  readonly size: number;
  /** `batch`: it is the batch, which is always 1 on a microcontroller. `config`: tinyml.yml says so. */
  readonly by: 'batch' | 'config';
}

export interface Graph {
  /** A C identifier in lower case, derived from the file name or given in tinyml.yml. */
  readonly name: string;
  readonly source: {
    readonly file: string;
    readonly format: 'tflite' | 'onnx' | 'pt2' | 'keras' | 'savedmodel';
    readonly sha256: string;
    readonly bytes: number;
  };
  readonly tensors: readonly Tensor[];
  /** In an order in which each operator's inputs are there before it runs. */
  readonly operators: readonly Operator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Absent: `double`. */
  readonly rounding?: Rounding;
  /** Dimensions of the inputs that the file leaves open; absent: none. */
  readonly fixed?: readonly FixedSize[];
}

export type TypedArray = Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function byteLength(tensor: Tensor): number {
  return elementCount(tensor.shape) * bytesPerElement[tensor.type];
}

/** An array over a copy of little-endian bytes, aligned for its element type. */
export function typedArray(type: ElementType, bytes: Uint8Array): TypedArray {
  const buffer = new Uint8Array(bytes).buffer;
  switch (type) {
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
  }
}

export function bytesOf(values: TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The tensors that keep their values between inferences, in the order of the graph. */
export function stateOf(graph: Graph): readonly (Tensor & { readonly initialState: Uint8Array })[] {
  return graph.tensors.flatMap((tensor) =>
    tensor.initialState === undefined ? [] : [{ ...tensor, initialState: tensor.initialState }],
  );
}

export function tensorAt(graph: Graph, index: number): Tensor {
  const tensor = graph.tensors[index];
  if (tensor === undefined) throw new RangeError(`tensor ${index} of ${graph.tensors.length}`);
  return tensor;
}
