import type { Graph } from '../../src/graph/graph.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { stimulusOf } from '../golden/golden.ts';

/** Golden vectors as test/golden/make_litert_vectors.py writes them. */
export interface LitertVector {
  readonly input: string;
  /** Each output's bytes in hexadecimal digits. */
  readonly outputs: readonly string[];
}

export interface LitertGolden {
  readonly made_with: string;
  readonly models: Readonly<
    Record<string, { readonly sha256: string; readonly vectors: readonly LitertVector[] }>
  >;
}

/** Every output in which our interpreter differs. */
export function outputDifferences(graph: Graph, vectors: readonly LitertVector[]): string[] {
  return vectors.flatMap(({ input, outputs }) => {
    const ours = interpret(graph, stimulusOf(graph, input)).outputs.map((bytes) =>
      Buffer.from(bytes).toString('hex'),
    );
    return outputs.flatMap((expected, position) =>
      expected === ours[position]
        ? []
        : [`${input}: output ${position} is ${ours[position]}, not ${expected}`],
    );
  });
}
