import type { Node, OperatorDefinition } from './operator.ts';

/**
 * The numbers that a node computes in: int8 activations and weights; int16 activations with int8 weights; float32;
 * float32 activations with int8 weights (`hybrid`, TFLite's dynamic range quantization); int8 activations with uint8
 * weights around a zero point (`uint8`, models of TensorFlow 1); or nothing but plain integers of 32 bits. Tensor types
 * decide, not versions.
 */
export type Arithmetic = 'int8' | 'int16x8' | 'float32' | 'hybrid' | 'uint8' | 'int32';

export function arithmeticOf({ inputs, outputs }: Node): Arithmetic {
  const tensors = [...inputs, ...outputs].filter((tensor) => tensor !== null);
  // State has its own types: an int8 LSTM keeps int16 cells.
  const computed = tensors.filter(({ data, initialState }) => data === null && initialState === undefined);
  if (computed.some(({ type }) => type === 'float32')) {
    const isHybrid = tensors.some(({ data, type }) => data !== null && type === 'int8');
    return isHybrid ? 'hybrid' : 'float32';
  }
  if (tensors.some(({ data, type }) => data !== null && type === 'uint8')) return 'uint8';
  if (computed.some(({ type }) => type === 'int16')) return 'int16x8';
  return computed.length > 0 && computed.every(({ type }) => type === 'int32') ? 'int32' : 'int8';
}

/** What an operator is in one arithmetic. One file per operator and arithmetic: `<arithmetic>/<operator>.ts`. */
export type OperatorForm<Options = unknown> = Pick<
  OperatorDefinition<Options>,
  'supports' | 'check' | 'reference' | 'variants' | 'lower'
>;

/** Keeps the options' type inside a form's file and lets the tables hold all of them alike. */
export function defineForm<Options>(form: OperatorForm<Options>): OperatorForm {
  return form as unknown as OperatorForm;
}

/** `once`: to int8 in a graph that rounds once. */
export type Forms = Partial<Readonly<Record<Arithmetic | 'once', OperatorForm>>>;

/** One definition that asks the node's tensors which of its forms it takes; `definition` itself where no form is for them. */
export function withForms(definition: OperatorDefinition, forms: Forms): OperatorDefinition {
  if (Object.keys(forms).length === 0) return definition;
  const formOf = (node: Node): OperatorForm => {
    const roundsOnce = node.rounding === 'single' && node.outputs[0]?.type === 'int8';
    return (roundsOnce ? forms.once : undefined) ?? forms[arithmeticOf(node)] ?? definition;
  };
  return {
    ...definition,
    check: (node) => formOf(node).check(node),
    reference: (node, inputs) => formOf(node).reference(node, inputs),
    variants: (node, context) => formOf(node).variants?.(node, context) ?? [],
    lower: (node, context) => formOf(node).lower(node, context),
  };
}
