import { typedArray } from '../graph/graph.ts';
import { type Constant, invocationsOf } from '../operators/operator.ts';
import type { Layer, Plan } from '../plan/plan.ts';
import { floatLiteral, integerLiteral, wrapped } from './c_text.ts';

/** A constant with its C symbol. */
export interface NamedConstant {
  readonly symbol: string;
  readonly constant: Constant;
}

/** The layer's own constants, and constant tensors that its kernel reads as they are. */
export function layerConstants(plan: Plan, layer: Layer): NamedConstant[] {
  const prefix = `${plan.graph.name}_${layer.symbol}`;
  const positions = invocationsOf(layer.call).flatMap((call) =>
    call.arguments.flatMap((argument) => (argument.is === 'input' ? [argument.index] : [])),
  );
  const read = [...new Set(positions)].flatMap((position) => {
    const tensor = layer.node.inputs[position];
    if (tensor === null || tensor === undefined || tensor.data === null) return [];
    const values = typedArray(tensor.type, tensor.data);
    if (values instanceof BigInt64Array || tensor.type === 'int64') return [];
    return [
      {
        symbol: `${prefix}_${constantInputName(position)}`,
        constant: {
          name: constantInputName(position),
          role: 'weights' as const,
          type: tensor.type === 'bool' ? ('int8' as const) : tensor.type,
          values,
        },
      },
    ];
  });
  return [
    ...layer.call.constants.map((constant) => ({ symbol: `${prefix}_${constant.name}`, constant })),
    ...read,
  ];
}

/** The build tells weights from tables by this ending. */
export function constantInputName(index: number): string {
  return `input_${index + 1}_weights`;
}

export function declaration({ symbol, constant }: NamedConstant): string {
  return `extern const ${cType(constant)} ${symbol}[${constant.values.length}];`;
}

export function definition({ symbol, constant }: NamedConstant): string {
  const literal = constant.type === 'float32' ? floatLiteral : integerLiteral;
  const items = Array.from(constant.values, literal);
  return `TINYML_ALIGNED const ${cType(constant)} ${symbol}[${items.length}] = {\n${wrapped(items, '    ')}};\n`;
}

function cType({ type }: Constant): string {
  return type === 'float32' ? 'float' : `${type}_t`;
}

/** Shorter constants are not looked at: a layer's own bias costs little. */
const leastShared: Readonly<Record<Constant['role'], number>> = { weights: 32, table: 128 };

/** Constants that repeat another one, by symbol: recurrent layers read the same weights at every step. */
export function repeatedConstants(constants: readonly NamedConstant[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const repeated = new Map<string, string>();
  for (const { symbol, constant } of constants) {
    if (constant.values.length < leastShared[constant.role]) continue;
    const key = `${constant.name} ${constant.type} ${Array.from(constant.values).join()}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, symbol);
    else repeated.set(symbol, before);
  }
  return repeated;
}
