import type { ArenaBuffer, Plan } from './plan.ts';

/** Whether an input of the model is still in the arena, byte for byte, after an inference. */
export function inputSurvives({ buffers, layers }: Plan, tensor: number): boolean {
  const own = buffers.find(({ tensors }) => tensors.includes(tensor));
  if (own === undefined) return false;
  const isWritten = layers.some(({ node }) => node.outputs.some(({ index }) => own.tensors.includes(index)));
  return !isWritten && !buffers.some((other) => other !== own && overlap(own, other));
}

function overlap(a: ArenaBuffer, b: ArenaBuffer): boolean {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
