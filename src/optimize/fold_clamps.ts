import { type Graph, type Operator, tensorAt } from '../graph/graph.ts';
import { type Activation, type ActivationRange, activationRange } from '../operators/activation.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { hasOneQuantization, readersOf } from './readers.ts';

/** Operators that end by clamping to the range of their activation. */
const clamping: ReadonlySet<string> = new Set([
  'ADD',
  'AVERAGE_POOL_2D',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'MAX_POOL_2D',
  'MUL',
  'SUB',
]);
const clamps: ReadonlySet<string> = new Set(['RELU', 'RELU6', 'TABLE']);
const activations: readonly Exclude<Activation, 'other'>[] = ['none', 'relu', 'relu6', 'relu_n1_to_1'];

/**
 * Moves a ReLU that stands by itself, or a table that only clamps, into the clamp of the operator before it. Exact: both are compared for all 256
 * values that an int8 operator can give; a float32 one that does not clamp yet takes it as it is.
 */
export function foldClamps(graph: Graph): Graph {
  for (const operator of graph.operators) {
    const rewritten = clamps.has(operator.kind) ? withoutClamp(graph, operator) : null;
    if (rewritten !== null) return foldClamps(rewritten);
  }
  return graph;
}

function withoutClamp(graph: Graph, clamp: Operator): Graph | null {
  const [between = -1] = clamp.inputs;
  const [after = -1] = clamp.outputs;
  const before = graph.operators.find(({ outputs }) => outputs.includes(between));
  if (before === undefined || !clamping.has(before.kind)) return null;
  if (readersOf(graph, between)?.length !== 1) return null;
  if (!hasOneQuantization(tensorAt(graph, between), tensorAt(graph, after))) return null;
  const activation = activationFor(graph, before, clamp);
  if (activation === null) return null;
  const folded: Operator = {
    ...before,
    outputs: [after],
    options: { ...(before.options as object), activation },
  };
  return {
    ...graph,
    operators: graph.operators
      .filter((operator) => operator !== clamp)
      .map((operator) => (operator === before ? folded : operator)),
  };
}

/** The activation that does what both do, if there is one. */
function activationFor(graph: Graph, before: Operator, clamp: Operator): Activation | null {
  const node = nodeOf(graph, before);
  const output = tensorAt(graph, before.outputs[0] ?? -1);
  const { activation } = before.options as { readonly activation: Activation };
  if (output.type === 'float32' && activation === 'none') return clamp.kind === 'RELU' ? 'relu' : 'relu6';
  if (output.type !== 'int8' || activation === 'other') return null;
  const values = Int8Array.from({ length: 256 }, (_, index) => index - 128);
  const first = clamped(values, activationRange(node, activation, output));
  const [both] = operatorOf(clamp.kind).reference(nodeOf(graph, clamp), [first]);
  const same = activations.find((each) => {
    const once = clamped(values, activationRange(node, each, output));
    return once.every((value, index) => value === both?.[index]);
  });
  return same ?? null;
}

function clamped(values: Int8Array, { min, max }: ActivationRange): Int8Array {
  return values.map((value) => Math.min(Math.max(value, min), max));
}
