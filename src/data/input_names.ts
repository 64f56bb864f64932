import { DeployError, printable } from '../errors.ts';
import { type Graph, type Tensor, tensorAt } from '../graph/graph.ts';

/** The model's inputs, in its order. */
export function inputsOf(graph: Graph): readonly Tensor[] {
  return graph.inputs.map((index) => tensorAt(graph, index));
}

/** Names by which data may mean an input: the model's, without what exporters add to it, or its position. */
export function namesOf({ name }: Tensor, position: number): readonly string[] {
  return [name, name.replace(/^serving_default_/, '').replace(/:\d+$/, ''), `input_${position}`];
}

/**
 * The item that is meant for each input, by name. `what`: the sentence's subject where one is missing, such as
 * `x.npz has no array`. Throws DeployError (kind `input`).
 */
export function itemForEach<Item>(
  inputs: readonly Tensor[],
  items: ReadonlyMap<string, Item>,
  file: string,
  what: string,
): readonly Item[] {
  return inputs.map((input, position) => {
    for (const name of namesOf(input, position)) {
      const item = items.get(name);
      if (item !== undefined) return item;
    }
    throw new DeployError(
      'input',
      `${what} for the input ${printable(JSON.stringify(input.name))}.`,
      { file },
      `Name it so, or \`input_${position}\`; there is: ${printable([...items.keys()].join(', '), 200) || 'nothing'}.`,
    );
  });
}
