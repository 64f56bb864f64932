import { stateOf } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import type { NamedConstant } from './constants.ts';

/** What a model that keeps state between inferences has besides: a function that sets it to its first values. */

/** Bytes of one tensor, and what they are at reset. */
interface StateSpan {
  readonly offset: number;
  readonly initial: Uint8Array;
  /** Where the initial bytes are not all the same. */
  readonly symbol: string;
}

export function keepsState(plan: Plan): boolean {
  return stateOf(plan.graph).length > 0;
}

function spans(plan: Plan): StateSpan[] {
  return stateOf(plan.graph).flatMap(({ index, initialState }, position) => {
    const offset = plan.offsets.get(index);
    // State that no layer uses has no place.
    if (offset === undefined) return [];
    return [
      { offset, initial: initialState, symbol: `${plan.graph.name}_state_${position}_initial_weights` },
    ];
  });
}

function isUniform(initial: Uint8Array): boolean {
  return initial.every((byte) => byte === initial[0]);
}

/** Initial values that one byte cannot say. */
export function initialStateConstants(plan: Plan): NamedConstant[] {
  return spans(plan).flatMap(({ initial, symbol }) =>
    isUniform(initial)
      ? []
      : [{ symbol, constant: { name: 'initial', role: 'weights', type: 'uint8', values: initial } }],
  );
}

export function stateDeclaration(plan: Plan): string {
  const { name } = plan.graph;
  const bytes = spans(plan).reduce((sum, { initial }) => sum + initial.length, 0);
  return `/* The model keeps ${bytes} bytes of state in the arena from one inference to the next. This sets it to its first
 * values: call it before the first inference, and whenever a new sequence starts. */
void ${name}_reset(void *arena);

/* One inference. All state is in the arena; two arenas may be in use at once. */
void ${name}_invoke(void *arena);`;
}

export function stateDefinition(plan: Plan): string {
  const lines = spans(plan).map(({ offset, initial, symbol }) =>
    isUniform(initial)
      ? `    memset(bytes + ${offset}, ${initial[0] ?? 0}, ${initial.length});`
      : `    memcpy(bytes + ${offset}, ${symbol}, ${initial.length});`,
  );
  return `void ${plan.graph.name}_reset(void *arena) {
    int8_t *const bytes = (int8_t *)arena;
${lines.join('\n')}
}
`;
}
