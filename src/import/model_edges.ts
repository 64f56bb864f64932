import { DeployError } from '../errors.ts';
import type { ElementType, Quantization } from '../graph/graph.ts';
import { channelsLast, type Value } from './arrangement.ts';
import { isConstant, type Operand } from './element_layers.ts';
import { type OrderStep, wantsChannelsLast } from './input_order.ts';
import type { Network } from './network.ts';

const float = { type: 'float32', quantization: null } as const;

/** An input of a model, float32 unless `edge` says otherwise, turned to channels last where its readers want that. Throws DeployError for a size that is not fixed. */
export function inputValue(
  network: Network,
  { file, name }: { readonly file: string; readonly name: string },
  shape: readonly (number | string)[],
  steps: readonly OrderStep[],
  edge: { readonly type: ElementType; readonly quantization: Quantization | null } = float,
): Value {
  const dynamic = shape.findIndex((size) => typeof size === 'string' || size < 1);
  if (dynamic >= 0)
    throw new DeployError(
      'input',
      `dimension ${dynamic} of the shape [${shape.join(', ')}] is dynamic.`,
      { file, tensor: name },
      'Export the model with fixed shapes; only a dynamic batch, the first dimension, becomes 1 by itself.',
    );
  const sizes = shape.map(Number);
  const dims = wantsChannelsLast(steps, name) ? channelsLast(sizes.length) : [...sizes.keys()];
  return network.input(name, sizes, dims, edge.type, edge.quantization);
}

/** What the nodes computed for an output of the model. Throws DeployError. */
export function outputValue(file: string, name: string, found: Operand | undefined): Value {
  if (found !== undefined && !isConstant(found)) return found;
  throw new DeployError(
    'input',
    found === undefined ? 'no node computes this model output.' : 'this model output is a constant.',
    { file, tensor: name },
    'Export the model again.',
  );
}
