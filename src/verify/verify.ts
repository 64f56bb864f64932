import { byteLength, bytesPerElement, type Graph, tensorAt, typedArray } from '../graph/graph.ts';
import type { Mismatch, Verification } from '../measurement.ts';
import type { Case } from './cases.ts';
import { closeness } from './tolerance.ts';

/** Compares what the firmware gave with the reference, byte for byte, or where it computes in float32, within the tolerance of each element. Pure. */
export function verify(graph: Graph, cases: readonly Case[], outputs: readonly Uint8Array[]): Verification {
  const found = cases
    .slice(0, outputs.length)
    .map((each, index) => compare(graph, each, outputs[index] as Uint8Array));
  const mismatch = found.find((each) => each.mismatch !== null)?.mismatch ?? null;
  const isRight = mismatch === null && found.length === cases.length;
  const isFloat = cases.some(({ allowed }) => allowed !== undefined);
  const largest = (of: (each: Comparison) => number) =>
    found.reduce((most, each) => Math.max(most, of(each)), 0);
  return {
    bitExact: isRight && !isFloat,
    ...(isRight && isFloat
      ? { float32: { ulp: largest(({ ulp }) => ulp), bound: largest(({ bound }) => bound) } }
      : {}),
    inputs: found.length,
    mismatch,
  };
}

interface Comparison {
  readonly mismatch: Mismatch | null;
  readonly ulp: number;
  readonly bound: number;
}

/** One inference, output by output. */
function compare(graph: Graph, { label, expected, allowed }: Case, actual: Uint8Array): Comparison {
  let offset = 0;
  let [ulp, bound] = [0, 0];
  for (const [position, index] of graph.outputs.entries()) {
    const tensor = tensorAt(graph, index);
    const end = offset + byteLength(tensor);
    const [wanted, given] = [expected.subarray(offset, end), actual.subarray(offset, end)];
    const tolerance = allowed?.[position] ?? null;
    const close =
      tolerance === null || given.length < wanted.length
        ? null
        : closeness(floatsOf(wanted), floatsOf(given), tolerance);
    const difference =
      close === null ? elementDifference(tensor.type, wanted, given) : elementAt(close.wrong, wanted, given);
    if (difference !== null)
      return {
        mismatch: { sample: label, tensor: tensor.name, ...difference, firstLayer: null },
        ulp,
        bound,
      };
    if (close !== null) {
      ulp = Math.max(ulp, close.ulp);
      bound = Math.max(bound, close.bound);
    }
    offset = end;
  }
  return { mismatch: null, ulp, bound };
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return typedArray('float32', bytes) as Float32Array;
}

function elementAt(index: number, expected: Uint8Array, actual: Uint8Array): ElementDifference | null {
  if (index === -1) return null;
  return { index, expected: floatsOf(expected)[index] as number, actual: floatsOf(actual)[index] as number };
}

interface ElementDifference {
  readonly index: number;
  readonly expected: number;
  readonly actual: number;
}

/** Flat index and both values of the first element that differs; null when all are equal or one is cut short. */
export function elementDifference(
  type: keyof typeof bytesPerElement,
  expected: Uint8Array,
  actual: Uint8Array,
): ElementDifference | null {
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
