import { byteLength, type Graph, tensorAt } from '../graph/graph.ts';

/**
 * What `speed` may spend. Nobody should need more memory than before to get faster code, so the limit is what an
 * interpreter needs for the same model: its file and the interpreter's code in flash, its live tensors in RAM.
 */
export interface Allowance {
  /** Bytes of code, weights and tables. */
  readonly flash: number;
  /** Bytes of the arena. */
  readonly arena: number;
}

/** Code of TensorFlow Lite Micro with CMSIS-NN, the least of all cores: see bench/peers.json, flash less the model's file. */
const interpreterBytes = { convolutions: 40_000, others: 19_000 };

/** RAM that it keeps for itself, less than of any model in bench/peers.json: so much at all, and so much for each operator. */
const interpreterRam = { base: 512, operator: 128 };

export function allowanceOf(graph: Graph): Allowance {
  const convolves = graph.operators.some(({ kind }) => kind.includes('CONV'));
  return {
    flash: graph.source.bytes + (convolves ? interpreterBytes.convolutions : interpreterBytes.others),
    arena:
      Math.max(0, ...liveBytes(graph)) +
      interpreterRam.base +
      interpreterRam.operator * graph.operators.length,
  };
}

/** Bytes of the tensors that are needed while each operator runs, none over another. */
export function liveBytes(graph: Graph): number[] {
  const lives = graph.tensors.flatMap(({ index, data }) => {
    if (data !== null) return [];
    const made = graph.operators.findIndex(({ outputs }) => outputs.includes(index));
    const read = graph.operators.findLastIndex(({ inputs }) => inputs.includes(index));
    const isInput = graph.inputs.includes(index);
    if (made === -1 && !isInput) return [];
    const last = graph.outputs.includes(index) ? graph.operators.length : Math.max(read, made);
    return [{ first: isInput ? 0 : made, last, bytes: byteLength(tensorAt(graph, index)) }];
  });
  return graph.operators.map((_, step) =>
    lives.reduce((sum, { first, last, bytes }) => sum + (first <= step && step <= last ? bytes : 0), 0),
  );
}
