import { DeployError } from '../errors.ts';
import type { ElementType, Quantization } from '../graph/graph.ts';
import { channelsLast, type Value } from './arrangement.ts';
import { isConstant, type Operand } from './element_layers.ts';
import { type OrderStep, wantsChannelsLast } from './input_order.ts';
import type { Network } from './network.ts';

const float = { type: 'float32', quantization: null } as const;

/** An input of a model, float32 unless `edge` says otherwise, turned to channels last where its readers want that. `sizes`: in the file's order. */
export function inputValue(
  network: Network,
  name: string,
  sizes: readonly number[],
  steps: readonly OrderStep[],
  edge: { readonly type: ElementType; readonly quantization: Quantization | null } = float,
): Value {
  const dims = wantsChannelsLast(steps, name) ? channelsLast(sizes.length) : [...sizes.keys()];
  return network.input(name, sizes, dims, edge.type, edge.quantization);
}

/** What the nodes computed for an output of the model, or knew beforehand. Throws DeployError. */
export function outputValue(network: Network, name: string, found: Operand | undefined): Value {
  const place = { file: network.file, tensor: name };
  if (found === undefined)
    throw new DeployError('input', 'no node computes this model output.', place, 'Export the model again.');
  if (!isConstant(found)) return found;
  if (found.values.length === 0)
    throw new DeployError(
      'input',
      'this model output is a constant without elements.',
      place,
      'Export the model without it.',
    );
  return network.valueOf(name, found);
}
