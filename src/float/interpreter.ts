import { DeployError } from '../errors.ts';
import { type Graph, type Operator, stateOf, tensorAt, typedArray } from '../graph/graph.ts';
import { nodeOf } from '../operators/operator.ts';
import { floatOperators } from './index.ts';
import type { FloatKernel } from './operator.ts';

/** A float32 graph, ready to run on many inputs. */
export interface FloatNetwork {
  /**
   * `inputs`: the elements of each graph input, row-major. `seen` is given each input and each computed tensor in the
   * order of execution, and may change the elements in place before anything reads them. Behind the inputs may be the
   * state before this run, tensor by tensor in the order of the graph; where it is not, the run starts from a reset.
   */
  run(inputs: readonly Float32Array[], seen?: (tensor: number, values: Float32Array) => void): Float32Array[];
}

/**
 * Prepares a graph of float32 tensors whose operators have passed their checks (checkFloat). Throws DeployError (kind
 * `input`) for an operator that has no float reference.
 */
export function prepareFloat(graph: Graph): FloatNetwork {
  const steps = graph.operators.map((operator) => ({ operator, kernel: kernelOf(graph, operator) }));
  const constants = new Map<number, Float32Array>();
  for (const { index, type, data } of graph.tensors)
    if (type === 'float32' && data !== null) constants.set(index, typedArray(type, data) as Float32Array);
  const state = stateOf(graph);
  return {
    run(inputs, seen = () => {}) {
      const values = new Map(constants);
      for (const [position, index] of graph.inputs.entries()) {
        const copy = Float32Array.from(inputs[position] ?? []);
        seen(index, copy);
        values.set(index, copy);
      }
      for (const [position, { index, initialState }] of state.entries()) {
        const before = inputs[graph.inputs.length + position] ?? typedArray('float32', initialState);
        const copy = Float32Array.from(before as Float32Array);
        seen(index, copy);
        values.set(index, copy);
      }
      for (const { operator, kernel } of steps) {
        const results = kernel(operator.inputs.map((index) => values.get(index) ?? null));
        for (const [position, index] of operator.outputs.entries()) {
          const result = results[position] as Float32Array;
          seen(index, result);
          values.set(index, result);
        }
      }
      return graph.outputs.map((index) => values.get(index) ?? new Float32Array());
    },
  };
}

function kernelOf(graph: Graph, operator: Operator): FloatKernel {
  const found = floatOperators.get(operator.kind);
  if (found !== undefined) return found.prepare(nodeOf(graph, operator));
  const [output = -1] = operator.outputs;
  throw new DeployError(
    'input',
    'this operator cannot be quantized yet.',
    {
      file: graph.source.file,
      operator: `${operator.kind} #${operator.index}`,
      ...(output < 0 ? {} : { tensor: tensorAt(graph, output).name }),
    },
    'Leave it outside of the model, or let the model stay in float32 (`arithmetic: float32`).',
  );
}
