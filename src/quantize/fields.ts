import { type Graph, tensorAt } from '../graph/graph.ts';
import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import { type Node, nodeOf } from '../operators/operator.ts';
import { sharedWeightsOf } from './ties.ts';

/**
 * How the inputs of one output of a layer vary together: over receptive fields for CONV_2D, over vectors for
 * FULLY_CONNECTED, in the order of a row of weights.
 */
export interface FieldStatistics {
  /** Inputs of one output. */
  readonly size: number;
  readonly mean: Float64Array;
  /** E[x xᵀ], size × size, row-major. */
  readonly moments: Float64Array;
}

/** Products that one layer's statistics may take over all samples; wider fields get fewer samples, the widest none. */
const mostProducts = 1e8;
const mostFields = 4096;
const fewestFields = 64;
/** Entries of all layers' matrices together, 8 bytes each: later layers go without. */
const mostEntries = 16e6;

export interface FieldCollector {
  /** The layer's input tensor. */
  readonly tensor: number;
  /** Operator index of the layer. */
  readonly operator: number;
  add(values: Float32Array, sample: number): void;
  statistics(): FieldStatistics;
}

/** One collector for each layer whose rows of weights all read the same fields. `samples`: how many will come. */
export function fieldCollectors(graph: Graph, samples: number): FieldCollector[] {
  let entries = 0;
  const shared = sharedWeightsOf(graph);
  const hasRoom = (size: number): boolean => {
    const fits = entries + size * size <= mostEntries;
    if (fits) entries += size * size;
    return fits;
  };
  return graph.operators.flatMap((operator) => {
    const node = nodeOf(graph, operator);
    const tensor = operator.inputs[0] ?? -1;
    if (operator.kind === 'FULLY_CONNECTED') {
      if (shared.has(operator.inputs[1] ?? -1)) return [];
      const depth = tensorAt(graph, operator.inputs[1] ?? -1).shape[1] ?? 1;
      if (!hasRoom(depth)) return [];
      const read = (values: Float32Array, at: number, field: Float64Array) =>
        field.set(values.subarray(at * depth, (at + 1) * depth));
      return collector(tensor, operator.index, depth, (values) => values.length / depth, read, samples);
    }
    if (operator.kind !== 'CONV_2D') return [];
    const geometry = conv2dGeometry(node as Node<Conv2dOptions>);
    if (geometry.groups !== 1) return [];
    const { inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { outputHeight, outputWidth, strideHeight, strideWidth } = geometry;
    const { dilationHeight, dilationWidth, paddingTop, paddingLeft } = geometry;
    const read = (values: Float32Array, at: number, field: Float64Array) => {
      const pixel = at % (outputHeight * outputWidth);
      const image = Math.floor(at / (outputHeight * outputWidth)) * inputHeight;
      const originY = Math.floor(pixel / outputWidth) * strideHeight - paddingTop;
      const originX = (pixel % outputWidth) * strideWidth - paddingLeft;
      let to = 0;
      for (let filterY = 0; filterY < filterHeight; filterY++)
        for (let filterX = 0; filterX < filterWidth; filterX++) {
          const y = originY + filterY * dilationHeight;
          const x = originX + filterX * dilationWidth;
          const isInside = y >= 0 && y < inputHeight && x >= 0 && x < inputWidth;
          const from = ((image + y) * inputWidth + x) * inputChannels;
          for (let c = 0; c < inputChannels; c++) field[to++] = isInside ? (values[from + c] as number) : 0;
        }
    };
    const count = geometry.batches * outputHeight * outputWidth;
    const size = filterHeight * filterWidth * inputChannels;
    if (!hasRoom(size)) return [];
    return collector(tensor, operator.index, size, () => count, read, samples);
  });
}

function collector(
  tensor: number,
  operator: number,
  size: number,
  countOf: (values: Float32Array) => number,
  read: (values: Float32Array, at: number, field: Float64Array) => void,
  samples: number,
): FieldCollector[] {
  const fields = Math.min(mostFields, Math.floor((2 * mostProducts) / (size * size)));
  if (fields < fewestFields) return [];
  const perSample = Math.ceil(fields / samples);
  const sum = new Float64Array(size);
  const products = new Float64Array(size * size);
  const field = new Float64Array(size);
  let seen = 0;
  const add = (values: Float32Array, sample: number): void => {
    const count = countOf(values);
    const taken = Math.min(count, perSample);
    // Other places in each sample: steps of the golden section meet none twice for long.
    const shift = (sample * 0.6180339887498949) % 1;
    for (let index = 0; index < taken; index++) {
      read(values, Math.floor(((index + shift) * count) / taken) % count, field);
      seen += 1;
      for (let row = 0; row < size; row++) {
        const value = field[row] as number;
        if (value === 0) continue;
        sum[row] = (sum[row] as number) + value;
        const start = row * size;
        for (let column = row; column < size; column++)
          products[start + column] = (products[start + column] as number) + value * (field[column] as number);
      }
    }
  };
  const statistics = (): FieldStatistics => {
    const moments = new Float64Array(size * size);
    for (let row = 0; row < size; row++)
      for (let column = row; column < size; column++) {
        const moment = (products[row * size + column] as number) / Math.max(1, seen);
        moments[row * size + column] = moment;
        moments[column * size + row] = moment;
      }
    return { size, mean: sum.map((total) => total / Math.max(1, seen)), moments };
  };
  return [{ tensor, operator, add, statistics }];
}
