import { floatOperators } from '../../float/index.ts';
import type { TypedArray } from '../../graph/graph.ts';
import type { OperatorForm } from '../arithmetic.ts';
import type { Lowering, LoweringContext, Node, OperatorDefinition } from '../operator.ts';
import { checkAsInt8, type StandIn } from './stand_in.ts';

/** The meaning in real numbers: sums in double precision, one rounding to float32 for each element of the output. */
export function floatReference(node: Node, inputs: readonly (TypedArray | null)[]): TypedArray[] {
  const operator = floatOperators.get(node.operator.kind);
  if (operator === undefined) throw new RangeError(`${node.operator.kind} has no float reference`);
  return operator.prepare(node)(
    inputs.map((values) =>
      values === null ? null : values instanceof Float32Array ? values : new Float32Array(),
    ),
  );
}

/** The float32 form of an operator: the int8 one's check, the reference in real numbers, and a kernel of its own. */
export function floatForm(
  definition: OperatorDefinition,
  lower: (node: Node, context: LoweringContext) => Lowering,
  standIn: StandIn = {},
): readonly [kind: string, form: OperatorForm] {
  return [
    definition.kind,
    {
      supports: 'float32',
      check: (node) => checkAsInt8(definition, node, standIn),
      reference: floatReference,
      lower,
    },
  ];
}
