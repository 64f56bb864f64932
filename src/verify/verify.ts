import { byteLength, bytesPerElement, type Graph, tensorAt, typedArray } from '../graph/graph.ts';
import type { Mismatch, Verification } from '../measurement.ts';
import type { Case } from './cases.ts';

/** Compares what the firmware gave with the reference, byte for byte. Pure. */
export function verify(graph: Graph, cases: readonly Case[], outputs: readonly Uint8Array[]): Verification {
  const compared = cases.slice(0, outputs.length);
  const wrong = compared.findIndex(({ expected }, index) => !sameBytes(expected, outputs[index]));
  return {
    bitExact: wrong === -1 && compared.length === cases.length,
    inputs: compared.length,
    mismatch:
      wrong === -1 ? null : firstDifference(graph, cases[wrong] as Case, outputs[wrong] as Uint8Array),
  };
}

function sameBytes(expected: Uint8Array, actual: Uint8Array | undefined): boolean {
  return actual !== undefined && Buffer.compare(expected, actual) === 0;
}

/** The first element that differs in the packed outputs. */
function firstDifference(graph: Graph, { label, expected }: Case, actual: Uint8Array): Mismatch {
  let offset = 0;
  for (const index of graph.outputs) {
    const tensor = tensorAt(graph, index);
    const end = offset + byteLength(tensor);
    const difference = elementDifference(
      tensor.type,
      expected.subarray(offset, end),
      actual.subarray(offset, end),
    );
    if (difference !== null) return { sample: label, tensor: tensor.name, ...difference, firstLayer: null };
    offset = end;
  }
  throw new RangeError('the outputs do not differ');
}

/** Flat index and both values of the first element that differs; null when all are equal or one is cut short. */
export function elementDifference(
  type: keyof typeof bytesPerElement,
  expected: Uint8Array,
  actual: Uint8Array,
): { readonly index: number; readonly expected: number; readonly actual: number } | null {
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  if (at === -1) return null;
  const size = bytesPerElement[type];
  const index = Math.floor(at / size);
  const element = (bytes: Uint8Array): number => {
    const whole = bytes.subarray(index * size, (index + 1) * size);
    return whole.length < size ? Number.NaN : Number(typedArray(type, whole)[0]);
  };
  return { index, expected: element(expected), actual: element(actual) };
}
