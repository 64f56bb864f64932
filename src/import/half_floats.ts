import { bytesOf, type Graph, type Tensor, tensorAt } from '../graph/graph.ts';

/** Constants in float16, as converters write weights to halve a file: read as float32, which holds each of them exactly. */

/** Little-endian float16 → little-endian float32 (IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction). */
export function widenHalfFloats(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytesOf(
    Float32Array.from({ length: Math.floor(bytes.length / 2) }, (_, at) =>
      halfFloat(view.getUint16(2 * at, true)),
    ),
  );
}

function halfFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The graph without the DEQUANTIZE that a file has behind each float16 constant: its result is the constant. */
export function withoutWidening(graph: Graph): Graph {
  const widening = graph.operators.filter(({ kind, inputs: [from = -1, ...more], outputs }) => {
    if (kind !== 'DEQUANTIZE' || more.length > 0 || outputs.length !== 1 || from < 0) return false;
    const [input, output] = [graph.tensors[from], graph.tensors[outputs[0] ?? -1]];
    return (
      input?.data != null &&
      input.type === 'float32' &&
      output?.type === 'float32' &&
      String(input.shape) === String(output.shape)
    );
  });
  if (widening.length === 0) return graph;
  const constants = new Map<number, Tensor>(
    widening.map(({ inputs, outputs }) => {
      const to = tensorAt(graph, outputs[0] ?? -1);
      return [to.index, { ...to, data: tensorAt(graph, inputs[0] ?? -1).data }];
    }),
  );
  return {
    ...graph,
    tensors: graph.tensors.map((tensor) => constants.get(tensor.index) ?? tensor),
    operators: graph.operators.filter((operator) => !widening.includes(operator)),
  };
}
