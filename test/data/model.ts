import type { ElementType, Graph, Tensor } from '../../src/graph/graph.ts';

interface InputLike {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type?: ElementType;
  readonly fileOrder?: readonly number[];
}

/** A graph of inputs only, as data readers see one; float32 where nothing is said. */
export function modelOf(inputs: readonly InputLike[], classes = 10): Graph {
  const quantized = { scales: [0.5], zeroPoints: [-3], axis: 0 };
  const tensors = inputs.map(
    ({ type = 'float32', ...input }, index): Tensor => ({
      index,
      type,
      ...input,
      quantization: type === 'int8' ? quantized : null,
      data: null,
    }),
  );
  const output: Tensor = {
    index: tensors.length,
    name: 'scores',
    type: 'int8',
    shape: [1, classes],
    quantization: quantized,
    data: null,
  };
  return {
    name: 'm',
    source: { file: 'm.tflite', format: 'tflite', sha256: '', bytes: 0 },
    tensors: [...tensors, output],
    operators: [],
    inputs: tensors.map(({ index }) => index),
    outputs: [output.index],
  };
}
