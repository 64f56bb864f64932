import { DeployError } from '../errors.ts';
import { type Graph, type Operator, type Quantization, type Tensor, tensorAt } from '../graph/graph.ts';
import type { PoolOptions } from '../operators/pooling.ts';

/**
 * Models of TensorFlow 1 compute in uint8. Here their numbers lie 128 lower, so that the int8 operators compute them: q − 128
 * with the zero point − 128 is the same real value. Inputs and outputs of the model stay uint8.
 */

const shift = 128;

/** Position of the weights; they have a zero point of their own. */
const weightsAt: ReadonlyMap<string, number> = new Map([
  ['CONV_2D', 1],
  ['DEPTHWISE_CONV_2D', 1],
  ['FULLY_CONNECTED', 1],
]);

/** Operators whose uint8 kernels are the int8 ones with other zero points, or that only move values. */
export const uint8Kinds: ReadonlySet<string> = new Set([
  ...weightsAt.keys(),
  'ADD',
  'AVERAGE_POOL_2D',
  'CONCATENATION',
  'DEPTH_TO_SPACE',
  'DEQUANTIZE',
  'EXPAND_DIMS',
  'GATHER',
  'LOGISTIC',
  'MAXIMUM',
  'MAX_POOL_2D',
  'MEAN',
  'MINIMUM',
  'MUL',
  'PACK',
  'PAD',
  'PADV2',
  'QUANTIZE',
  'RELU',
  'RELU6',
  'RESHAPE',
  'RESIZE_NEAREST_NEIGHBOR',
  'SLICE',
  'SOFTMAX',
  'SPACE_TO_DEPTH',
  'SPLIT',
  'SQUEEZE',
  'STRIDED_SLICE',
  'SUB',
  'TANH',
  'TRANSPOSE',
  'UNPACK',
]);

/** The graph as it is where nothing computes in uint8 (QUANTIZE at the edges takes it). */
export function fromUint8(graph: Graph): Graph {
  const computes = graph.operators.filter(
    (operator) => operator.kind !== 'QUANTIZE' && touches(graph, operator),
  );
  if (computes.length === 0) return graph;
  const refused = computes.find(({ kind }) => !uint8Kinds.has(kind));
  if (refused !== undefined)
    throw new DeployError(
      'input',
      'this operator is not supported in uint8.',
      { file: graph.source.file, operator: `${refused.kind} #${refused.index}` },
      'Convert again with int8 as inference type; uint8 models come from TensorFlow 1.',
    );
  return withEdges(graph, { ...graph, tensors: graph.tensors.map(shifted) });
}

function touches(graph: Graph, { inputs, outputs }: Operator): boolean {
  return [...inputs, ...outputs].some((index) => index >= 0 && tensorAt(graph, index).type === 'uint8');
}

function shifted(tensor: Tensor): Tensor {
  if (tensor.type !== 'uint8') return tensor;
  const { quantization, data } = tensor;
  return {
    ...tensor,
    type: 'int8',
    quantization: quantization === null ? null : lowered(quantization),
    data: data === null ? null : data.map((value) => value ^ shift),
  };
}

function lowered(quantization: Quantization): Quantization {
  return { ...quantization, zeroPoints: quantization.zeroPoints.map((zeroPoint) => zeroPoint - shift) };
}

/** The shifted graph with a QUANTIZE behind each uint8 input and before each uint8 output, whose scale stays. */
function withEdges(original: Graph, graph: Graph): Graph {
  const tensors = [...graph.tensors];
  const inner = new Map<number, number>();
  const isUint8 = (index: number) => tensorAt(original, index).type === 'uint8';
  const edges = [...new Set([...original.inputs, ...original.outputs])].filter(isUint8);
  for (const edge of edges) {
    const index = tensors.length;
    const tensor = tensorAt(graph, edge);
    tensors.push({ ...tensor, index, name: `${tensor.name}/shifted` });
    tensors[edge] = tensorAt(original, edge);
    inner.set(edge, index);
  }
  const moved = (indices: readonly number[]) => indices.map((index) => inner.get(index) ?? index);
  let next = 1 + Math.max(...graph.operators.map(({ index }) => index));
  const convert = (from: number, to: number): Operator => ({
    index: next++,
    kind: 'QUANTIZE',
    inputs: [from],
    outputs: [to],
    options: null,
  });
  const innerOf = (edge: number) => inner.get(edge) as number;
  const before = original.inputs.filter(isUint8).map((edge) => convert(edge, innerOf(edge)));
  const after = [...new Set(original.outputs)].filter(isUint8).map((edge) => convert(innerOf(edge), edge));
  const operators = graph.operators.map((operator) => {
    const weights = operator.inputs[weightsAt.get(operator.kind) ?? -1];
    const placed = { ...operator, inputs: moved(operator.inputs), outputs: moved(operator.outputs) };
    if (weights !== undefined && isUint8(weights)) {
      const index = tensors.length;
      tensors.push({ ...centred(original, operator, tensorAt(original, weights)), index });
      return { ...placed, inputs: placed.inputs.with(1, index) };
    }
    return placed.kind === 'AVERAGE_POOL_2D' ? { ...placed, options: roundingUp(placed.options) } : placed;
  });
  return { ...graph, tensors, operators: [...before, ...operators, ...after] };
}

/** The means of uint8 values are positive: their halves round up, not away from zero. */
function roundingUp(options: unknown): PoolOptions {
  return { ...(options as PoolOptions), halvesUp: true };
}

/**
 * Weights around zero, as int8 where that holds them all, else as they are: uint8 weights have kernels of their own. The
 * scale is the one that makes its product with the input's scale the float32 product of both, as uint8 kernels take it.
 */
function centred(graph: Graph, { inputs, kind }: Operator, weights: Tensor): Tensor {
  const { data, quantization } = weights;
  const zeroPoint = quantization?.zeroPoints[0] ?? 0;
  const inputScale = tensorAt(graph, inputs[0] ?? -1).quantization?.scales[0];
  if (data === null || quantization === null || inputScale === undefined) return weights;
  const values = Int16Array.from(data, (value) => value - zeroPoint);
  const fits = values.every((value) => value >= -128 && value <= 127);
  const scales =
    kind === 'FULLY_CONNECTED'
      ? quantization.scales
      : quantization.scales.map((scale) => scaleForProduct(inputScale, scale));
  if (!fits) return { ...weights, quantization: { ...quantization, scales } };
  return {
    ...weights,
    type: 'int8',
    quantization: { ...quantization, scales, zeroPoints: [0] },
    data: new Uint8Array(Int8Array.from(values).buffer),
  };
}

/** The double whose double product with `inputScale` is the float32 product of both scales. */
function scaleForProduct(inputScale: number, scale: number): number {
  const product = Math.fround(inputScale * scale);
  const ideal = product / inputScale;
  const step = ideal * Number.EPSILON;
  const exact = [0, 1, -1, 2, -2].map((steps) => ideal + (steps * step) / 2);
  return exact.find((candidate) => inputScale * candidate === product) ?? ideal;
}
