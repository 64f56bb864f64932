import type { Argument, KernelCall } from '../operators/operator.ts';
import { integerLiteral } from './c_text.ts';

/** A kernel's arguments and fields where a function stands between the layer and the kernel. */

export function literal(value: number | readonly number[]): string {
  return typeof value === 'number' ? integerLiteral(value) : `{${value.map(integerLiteral).join(', ')}}`;
}

export function argumentName(argument: Argument): string {
  switch (argument.is) {
    case 'constant':
      return argument.name;
    case 'scratch':
      return 'scratch';
    default:
      return `${argument.is}_${argument.index}`;
  }
}

export function argumentType(call: KernelCall | undefined, argument: Argument): string {
  switch (argument.is) {
    case 'constant': {
      const type = call?.constants.find(({ name }) => name === argument.name)?.type;
      return type === 'float32' ? 'const float *' : `const ${type}_t *`;
    }
    case 'input':
      return 'const int8_t *';
    default:
      return 'int8_t *';
  }
}
