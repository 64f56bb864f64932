import { DeployError } from '../errors.ts';
import type { Operator, Tensor } from '../graph/graph.ts';

/**
 * Resource variables of TensorFlow: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE take what it gives, and
 * CALL_ONCE runs a subgraph before the first inference that assigns the first values. Here a variable becomes one state
 * tensor, and only reading and assigning stay operators.
 */

/** Options of a VAR_HANDLE. */
export interface VariableName {
  readonly container: string;
  readonly name: string;
}

/** Options of a CALL_ONCE. */
export interface CalledSubgraph {
  readonly subgraph: number;
}

/** Operators that the importer resolves, by BuiltinOperator code. */
export const resolvedOperators: ReadonlyMap<number, string> = new Map([
  [129, 'CALL_ONCE'],
  [142, 'VAR_HANDLE'],
]);

export interface Variable {
  readonly name: string;
  /** The tensor that has its type, shape and quantization: one that is read from it or assigned to it. */
  readonly like: number;
}

export interface ResolvedVariables {
  /** Without VAR_HANDLE and CALL_ONCE; all uses of one variable have the same tensor. */
  readonly operators: readonly Operator[];
  /** By the tensor that stands for it. */
  readonly variables: ReadonlyMap<number, Variable>;
  /** Subgraphs that run before the first inference. */
  readonly once: readonly number[];
}

export function resolveVariables(file: string, listed: readonly Operator[]): ResolvedVariables {
  const nameOf = new Map<number, string>();
  const tensorOf = new Map<string, number>();
  for (const { kind, outputs, options } of listed) {
    const [handle] = outputs;
    if (kind !== 'VAR_HANDLE' || handle === undefined) continue;
    const { container, name } = options as VariableName;
    const key = JSON.stringify([container, name]);
    nameOf.set(handle, key);
    if (!tensorOf.has(key)) tensorOf.set(key, handle);
  }
  const variables = new Map<number, Variable>();
  const once: number[] = [];
  const operators = listed.flatMap((operator): Operator[] => {
    const { kind, index, inputs, outputs, options } = operator;
    const refuse = (what: string): DeployError =>
      new DeployError(
        'input',
        `${what}.`,
        { file, operator: `${kind} #${index}` },
        'Export the model again with a current TFLite converter.',
      );
    if (kind === 'VAR_HANDLE') return [];
    if (kind === 'CALL_ONCE') {
      if (variables.size > 0) throw refuse('variables are used before their first values are set');
      once.push((options as CalledSubgraph).subgraph);
      return [];
    }
    if (kind !== 'READ_VARIABLE' && kind !== 'ASSIGN_VARIABLE') return [operator];
    const [handle = -1, value] = inputs;
    const key = nameOf.get(handle);
    const like = kind === 'READ_VARIABLE' ? outputs[0] : value;
    if (key === undefined) throw refuse('input 0 is no variable of this subgraph');
    if (like === undefined) throw refuse('its value is missing');
    const tensor = tensorOf.get(key) as number;
    if (!variables.has(tensor)) variables.set(tensor, { name: key, like });
    return [{ ...operator, inputs: [tensor, ...inputs.slice(1)] }];
  });
  return { operators, variables, once };
}

/** What a subgraph that runs before the first inference assigns, by variable: constants. Throws where it computes. */
export function firstValues(
  file: string,
  { operators, variables }: ResolvedVariables,
  tensors: readonly Tensor[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    operators.map(({ kind, index, inputs }) => {
      const [tensor = -1, value = -1] = inputs;
      const data = tensors[value]?.data;
      const variable = variables.get(tensor);
      if (kind === 'ASSIGN_VARIABLE' && data != null && variable !== undefined) return [variable.name, data];
      throw new DeployError(
        'input',
        'only constants can be assigned to variables before the first inference.',
        { file, operator: `${kind} #${index} of an initialization subgraph` },
        'Give the variables constant initial values, such as tf.zeros.',
      );
    }),
  );
}

/** The name of a variable for people: TensorFlow's shared name. */
export function variableLabel(name: string): string {
  const [, label] = JSON.parse(name) as [string, string];
  return label;
}
