import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import {
  type BuiltOperator,
  type BuiltTensor,
  buildModel,
  int8Bytes,
  int32Bytes,
} from '../import/build_model.ts';

const size = 8;
const channels = 4;
const wide = 24;

/**
 * An image goes through three branches, each of which first makes it wide and then small; their answers are added. The
 * file makes all of them wide first.
 */
export function branches(): Graph {
  const tensors: BuiltTensor[] = [];
  const operators: BuiltOperator[] = [];
  const add = (tensor: BuiltTensor): number => tensors.push(tensor) - 1;
  const image = (height: number, depth: number, scale: number): number =>
    add({ shape: [1, height, height, depth], scales: [scale], zeroPoints: [3] });
  let state = 5;
  const weight = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) - 128 === -128 ? 0 : (state >>> 24) - 128;
  };
  const convolution = (input: number, depth: number, output: number, filter: number, outputs: number) => {
    const count = outputs * filter * filter * depth;
    const weights = add({
      shape: [outputs, filter, filter, depth],
      scales: [0.01],
      data: int8Bytes(Array.from({ length: count }, weight)),
    });
    const bias = add({
      shape: [outputs],
      type: 2,
      scales: [0.001],
      data: int32Bytes(Array.from({ length: outputs }, weight)),
    });
    const fields = [
      { field: 0, int8: 1 },
      { field: 1, int32: 1 },
      { field: 2, int32: 1 },
      { field: 3, int8: 0 },
      { field: 4, int32: 1 },
      { field: 5, int32: 1 },
    ];
    operators.push({
      code: 3,
      inputs: [input, weights, bias],
      outputs: [output],
      options: { type: 1, fields },
    });
  };
  const input = image(size, channels, 0.1);
  const widened = [0, 1, 2].map(() => {
    const output = image(size, wide, 0.2);
    convolution(input, channels, output, 1, wide);
    return output;
  });
  const reduced = widened.map((from) => {
    const output = image(1, channels, 0.5);
    convolution(from, wide, output, size, channels);
    return output;
  });
  const sum = (a: number, b: number): number => {
    const output = image(1, channels, 0.6);
    operators.push({
      code: 0,
      inputs: [a, b],
      outputs: [output],
      options: { type: 11, fields: [{ field: 0, int8: 0 }] },
    });
    return output;
  };
  const [a = 0, b = 0, c = 0] = reduced;
  const answer = sum(sum(a, b), c);
  const file = buildModel({ tensors, operators, inputs: [input], outputs: [answer] });
  return importTflite(file, { file: 'branches.tflite', name: 'branches' });
}
