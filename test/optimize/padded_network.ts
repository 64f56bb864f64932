import { type BuiltTensor, buildModel, int32Bytes } from '../import/build_model.ts';
import { type Draft, layer, push, type Random, randomOf, type Shape, value } from '../random/network.ts';

/** Two to four convolutions, each behind a PAD and before a RELU or RELU6 that stand by themselves. A .tflite file. */
export function paddedNetwork(seed: number): Uint8Array {
  const random = randomOf(seed);
  const draft: Draft = { tensors: [], operators: [], macs: 0 };
  let shape: Shape = [4 + random(9), 4 + random(9), 1 + random(9)];
  const input = value(draft, random, shape);
  let at = input;
  for (let count = 2 + random(3); count > 0; count -= 1) {
    const filter = 2 + random(2);
    const [padded, paddedShape] = pad(draft, random, at, shape, filter);
    const isDepthwise = random(2) === 0;
    const outputs = isDepthwise ? shape[2] : 1 + random(12);
    const before = layer(draft, random, padded, paddedShape, {
      filter: [filter, filter],
      same: random(4) === 0 || Math.min(paddedShape[0], paddedShape[1]) < filter,
      outputs,
      // Each step must leave an image.
      stride: [1 + random(2), 1 + random(2)].map((stride) => (shape[0] > 4 && shape[1] > 4 ? stride : 1)) as [
        number,
        number,
      ],
      isDepthwise,
    });
    const { name: _, ...like } = draft.tensors[before] as BuiltTensor;
    at = push(draft.tensors, like);
    draft.operators.push({ code: random(2) === 0 ? 19 : 21, inputs: [before], outputs: [at] });
    const [, height = 1, width = 1] = like.shape ?? [];
    shape = [height, width, outputs];
  }
  return buildModel({ tensors: draft.tensors, operators: draft.operators, inputs: [input], outputs: [at] });
}

/** At most as many rows and columns as each field still meets the image. */
function pad(draft: Draft, random: Random, at: number, shape: Shape, filter: number): [number, Shape] {
  const edge = (): number => random(filter);
  const [top, bottom, left, right] = [edge(), edge(), edge(), edge()] as [number, number, number, number];
  const paddings = push(draft.tensors, {
    shape: [4, 2],
    type: 2,
    data: int32Bytes([0, 0, top, bottom, left, right, 0, 0]),
  });
  const padded: Shape = [shape[0] + top + bottom, shape[1] + left + right, shape[2]];
  const { name: _, ...like } = draft.tensors[at] as BuiltTensor;
  const output = push(draft.tensors, { ...like, shape: [1, ...padded] });
  draft.operators.push({ code: 34, inputs: [at, paddings], outputs: [output] });
  return [output, padded];
}
