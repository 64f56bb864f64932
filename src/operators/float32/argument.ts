import { argMax } from '../arg_max.ts';
import { argMin } from '../arg_min.ts';
import { lowerArgument } from '../argument.ts';
import type { OperatorForm } from '../arithmetic.ts';
import type { KernelCall, OperatorDefinition } from '../operator.ts';
import { checkAsInt8 } from './stand_in.ts';

/** Positions are integers; the reference compares whatever numbers it is given. */
function argument(definition: OperatorDefinition): readonly [kind: string, form: OperatorForm] {
  const kernel = definition.kind === 'ARG_MAX' ? 'arg_max' : 'arg_min';
  return [
    definition.kind,
    {
      supports: 'float32, int32 output',
      check: (node) => checkAsInt8(definition, node),
      reference: definition.reference,
      lower: (node): KernelCall => ({
        ...lowerArgument(node, kernel),
        kernel: `${kernel}_float32`,
        parametersType: 'argument_float32_parameters',
      }),
    },
  ];
}

export const argumentFloat32 = [argument(argMax), argument(argMin)];
