import { mean } from '../mean.ts';
import type { KernelCall, OperatorDefinition } from '../operator.ts';
import { reduceMax } from '../reduce_max.ts';
import { reduceMin } from '../reduce_min.ts';
import { lowerReduction } from '../reduction.ts';
import { sum } from '../sum.ts';
import { floatForm } from './form.ts';

function reduction(definition: OperatorDefinition) {
  const kernel = `${definition.kind.toLowerCase()}_float32`;
  return floatForm(
    definition,
    (node): KernelCall => ({
      ...lowerReduction(node, kernel, {}),
      parametersType: 'reduction_float32_parameters',
    }),
  );
}

export const reductionsFloat32 = [mean, sum, reduceMax, reduceMin].map(reduction);
