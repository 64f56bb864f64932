import { DeployError } from '../errors.ts';
import { bytesPerElement, type ElementType, type Graph, type Operator, type Tensor } from './graph.ts';

/** Far above anything that a microcontroller holds; keeps a hostile file from taking the host's memory. */
export const limits = {
  rank: 8,
  tensorBytes: 16 * 1024 * 1024,
  computedBytes: 64 * 1024 * 1024,
} as const;

const zeroPointRange: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
};

/**
 * What every importer must guarantee and every later stage relies on: tensors have known, bounded sizes and
 * sound quantization; operators stand in an order in which their inputs exist; each tensor is written once.
 * Throws the DeployError that names tensor and operator.
 */
export function validateGraph(graph: Graph): Graph {
  for (const tensor of graph.tensors) validateTensor(graph, tensor);
  validateOrder(graph);
  const computed = graph.tensors
    .filter((tensor) => tensor.data === null)
    .reduce((sum, tensor) => sum + sizeOf(tensor), 0);
  if (computed > limits.computedBytes)
    throw problem(
      graph,
      `its tensors take ${computed} bytes together, more than the ${limits.computedBytes} that are allowed`,
      'No network for a microcontroller is that large.',
    );
  return graph;
}

function problem(
  graph: Graph,
  what: string,
  hint: string,
  tensor?: Tensor,
  operator?: Operator,
): DeployError {
  return new DeployError(
    'input',
    `${what}.`,
    {
      file: graph.source.file,
      ...(tensor === undefined ? {} : { tensor: tensor.name }),
      ...(operator === undefined ? {} : { operator: `${operator.kind} #${operator.index}` }),
    },
    hint,
  );
}

function sizeOf(tensor: Tensor): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, bytesPerElement[tensor.type]);
}

function validateTensor(graph: Graph, tensor: Tensor): void {
  const { shape, data } = tensor;
  if (shape.length > limits.rank)
    throw problem(
      graph,
      `rank ${shape.length} is more than the ${limits.rank} dimensions that are supported`,
      'Reshape the tensor in the model.',
      tensor,
    );
  if (shape.some((dimension) => !Number.isInteger(dimension) || dimension < 1))
    throw problem(
      graph,
      `the shape [${shape.join(', ')}] is not fixed`,
      'Export the model with fixed, non-empty shapes (batch size 1).',
      tensor,
    );
  const size = sizeOf(tensor);
  if (size > limits.tensorBytes)
    throw problem(
      graph,
      `the shape [${shape.join(', ')}] takes ${size} bytes, more than the ${limits.tensorBytes} that are allowed`,
      'No network for a microcontroller is that large.',
      tensor,
    );
  if (data !== null && data.length !== size)
    throw problem(
      graph,
      `the shape [${shape.join(', ')}] takes ${size} bytes, but the file has ${data.length}`,
      'Copy or export the file again.',
      tensor,
    );
  if (tensor.initialState !== undefined && (data !== null || tensor.initialState.length !== size))
    throw problem(
      graph,
      `a variable tensor of ${size} bytes cannot start from ${tensor.initialState.length} bytes, or be a constant`,
      'Copy or export the file again.',
      tensor,
    );
  validateQuantization(graph, tensor);
}

function validateQuantization(graph: Graph, tensor: Tensor): void {
  const { quantization, shape, type } = tensor;
  if (quantization === null) return;
  const { scales, zeroPoints, axis } = quantization;
  const wrong = (what: string) => problem(graph, what, 'Export the model again.', tensor);
  if (scales.length === 0 || scales.length !== zeroPoints.length)
    throw wrong(`it has ${scales.length} scales and ${zeroPoints.length} zero points`);
  if (scales.length > 1 && scales.length !== shape[axis])
    throw wrong(`it has ${scales.length} scales for dimension ${axis} of [${shape.join(', ')}]`);
  if (scales.some((scale) => !Number.isFinite(scale) || scale <= 0))
    throw wrong('a quantization scale is not a positive number');
  const [low, high] = zeroPointRange[type] ?? [-(2 ** 31), 2 ** 31 - 1];
  const outside = zeroPoints.find((zeroPoint) => !(zeroPoint >= low && zeroPoint <= high));
  if (outside !== undefined) throw wrong(`the zero point ${outside} is outside ${type}`);
}

function validateOrder(graph: Graph): void {
  const tensorOf = (index: number, operator?: Operator): Tensor => {
    const tensor = graph.tensors[index];
    if (tensor !== undefined) return tensor;
    const what = `tensor ${index} is used, but there are only ${graph.tensors.length}`;
    throw problem(graph, what, 'Export the model again.', undefined, operator);
  };
  const inputs = new Set<number>();
  for (const index of graph.inputs) {
    const tensor = tensorOf(index);
    if (tensor.data !== null)
      throw problem(graph, 'a model input is a constant', 'Export the model again.', tensor);
    if (tensor.initialState !== undefined)
      throw problem(graph, 'a model input is a variable tensor', 'Export the model again.', tensor);
    if (inputs.has(index))
      throw problem(graph, 'it is twice among the model inputs', 'Export the model again.', tensor);
    inputs.add(index);
  }
  const writers = new Map<number, Operator>();
  for (const operator of graph.operators)
    for (const index of operator.outputs) if (!writers.has(index)) writers.set(index, operator);

  const written = new Set<number>();
  for (const operator of graph.operators) {
    for (const index of operator.inputs) {
      if (index === -1) continue;
      const tensor = tensorOf(index, operator);
      if (tensor.data !== null || inputs.has(index) || written.has(index)) continue;
      if (tensor.initialState !== undefined) continue;
      const writer = writers.get(index);
      throw problem(
        graph,
        writer === undefined
          ? 'nothing computes this input'
          : `the graph has a cycle: this input is computed later, by ${writer.kind} #${writer.index}`,
        'Export the model again: operators must stand in the order of execution.',
        tensor,
        operator,
      );
    }
    for (const index of operator.outputs) {
      const tensor = tensorOf(index, operator);
      if (
        tensor.data !== null ||
        tensor.initialState !== undefined ||
        inputs.has(index) ||
        written.has(index)
      )
        throw problem(
          graph,
          tensor.data !== null
            ? 'a constant is written'
            : tensor.initialState !== undefined
              ? 'a variable tensor is an output of an operator'
              : inputs.has(index)
                ? 'a model input is written'
                : 'the tensor is written twice',
          'Export the model again.',
          tensor,
          operator,
        );
      written.add(index);
    }
  }
  if (graph.inputs.length === 0 || graph.outputs.length === 0)
    throw problem(graph, 'the model has no inputs or no outputs', 'Export the model again.');
  for (const index of graph.outputs) {
    const tensor = tensorOf(index);
    if (!written.has(index))
      throw problem(graph, 'no operator computes this model output', 'Export the model again.', tensor);
  }
}
