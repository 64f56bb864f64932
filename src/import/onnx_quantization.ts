import { elementCount, type Quantization } from '../graph/graph.ts';
import { dequantizeOnce, quantizeOnce } from '../operators/single_rounding.ts';
import type { Value } from './arrangement.ts';
import { type Constant, floatConstant, integerConstant } from './constant.ts';
import { isConstant, type Operand, resolvedAxis } from './element_layers.ts';
import { type Network, refused } from './network.ts';
import {
  attributeInteger,
  type OnnxFile,
  type OnnxInput,
  type OnnxNode,
  readTensor,
  typeName,
} from './onnx_file.ts';
import type { OnnxOperator } from './onnx_inputs.ts';
import { onnxOperators } from './onnx_operators.ts';

/**
 * Quantized operators of ONNX. QuantizeLinear and DequantizeLinear become QUANTIZE and DEQUANTIZE around float operators;
 * operators on integers (QLinearConv and its kin) become the float operator between the same two. What stands between is
 * made integer when the network is finished (quantized_graph.ts).
 */

const eightBit: Readonly<Record<string, number>> = { int8: 0, uint8: 128 };

/** Scale and zero point as the file gives them; uint8 is shifted by 128, which changes no value. */
interface Given {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** What the file's integers are less than ours. */
  readonly shift: number;
  readonly low: number;
  readonly high: number;
}

function constantAt(operator: OnnxOperator, position: number, what: string): Constant {
  const found = operator.inputs[position];
  if (found !== undefined && found !== null && isConstant(found)) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is not a constant`,
    'Quantize statically: scales and zero points computed at run time have no kernel.',
  );
}

function given(operator: OnnxOperator, scaleAt: number, zeroPointAt: number, fallback = 'uint8'): Given {
  const scale = constantAt(operator, scaleAt, 'the scale');
  const isThere = operator.inputs[zeroPointAt] !== undefined && operator.inputs[zeroPointAt] !== null;
  const zeroPoint = isThere ? constantAt(operator, zeroPointAt, 'the zero point') : null;
  const type = zeroPoint === null ? fallback : (zeroPoint.type ?? fallback);
  if (type !== 'int32' && eightBit[type] === undefined)
    throw refused(
      operator,
      `quantization to ${type} is not supported`,
      'Quantize activations and weights to 8 bits.',
    );
  const shift = eightBit[type] ?? 0;
  const scales = [...scale.values];
  const zeroPoints = scales.map(
    (_, at) => (zeroPoint?.values[zeroPoint.values.length === 1 ? 0 : at] ?? 0) - shift,
  );
  if (scales.length === 0 || scales.some((each) => !(each > 0 && Number.isFinite(each))))
    throw refused(operator, 'a quantization scale is not a positive number', 'Quantize the model again.');
  if (zeroPoints.some((each) => !Number.isInteger(each)))
    throw refused(operator, 'the zero points do not fit the scales', 'Quantize the model again.');
  const [low, high] = type === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [-128, 127];
  return { scales, zeroPoints, shift, low, high };
}

function onlyOne(operator: OnnxOperator, { scales, zeroPoints }: Given): Quantization {
  if (scales.length === 1) return { scales, zeroPoints, axis: 0 };
  throw refused(
    operator,
    `activations with ${scales.length} scales are not supported`,
    'Quantize activations per tensor; weights may have one scale per channel.',
  );
}

/** For each element its place among the scales. */
function scaleIndex(
  operator: OnnxOperator,
  { shape }: Constant,
  count: number,
  axis: number,
): (at: number) => number {
  if (count === 1) return () => 0;
  const along = resolvedAxis(operator, axis, shape.length);
  if (shape[along] !== count)
    throw refused(
      operator,
      `${count} scales do not fit dimension ${along} of [${shape.join(', ')}]`,
      'Quantize the model again; blocks of one dimension are not supported.',
    );
  const inner = elementCount(shape.slice(along + 1));
  return (at) => Math.floor(at / inner) % count;
}

function dequantizedConstant(operator: OnnxOperator, x: Constant, by: Given, axis: number): Constant {
  const indexOf = scaleIndex(operator, x, by.scales.length, axis);
  const integers = new Float64Array(x.values.length);
  const values = new Float32Array(x.values.length);
  for (const [at, value] of x.values.entries()) {
    const channel = indexOf(at);
    integers[at] = value - by.shift - (by.zeroPoints[channel] as number);
    values[at] = dequantizeOnce(integers[at] as number, by.scales[channel] as number, 0);
  }
  return { ...floatConstant(x.shape, values), steps: { scales: by.scales, integers } };
}

function dequantized(operator: OnnxOperator, x: Operand, by: Given, axis: number, name: string): Operand {
  if (isConstant(x)) return dequantizedConstant(operator, x, by, axis);
  const { network } = operator;
  const tensor = network.tensor(x.tensor);
  const quantization = onlyOne(operator, by);
  const own = tensor.quantization;
  if (tensor.type !== 'int8' || own === null)
    throw refused(operator, `a ${tensor.type} value cannot be dequantized`, 'Export the model again.');
  if (own.scales[0] !== quantization.scales[0] || own.zeroPoints[0] !== quantization.zeroPoints[0])
    throw refused(
      operator,
      `it reads integers of scale ${own.scales[0]} as if their scale was ${quantization.scales[0]}`,
      'Quantize the model again: both ends of a connection need the same scale and zero point.',
    );
  return { ...x, tensor: network.emit('DEQUANTIZE', [x.tensor], null, { name, shape: tensor.shape }) };
}

function quantized(operator: OnnxOperator, x: Operand, by: Given, axis: number, name: string): Operand {
  if (isConstant(x)) {
    const indexOf = scaleIndex(operator, x, by.scales.length, axis);
    const values = Float64Array.from(x.values, (value, at) => {
      const channel = indexOf(at);
      const whole = quantizeOnce(value, by.scales[channel] as number, by.zeroPoints[channel] as number);
      return Math.min(Math.max(whole, by.low), by.high) + by.shift;
    });
    return integerConstant(x.shape, values);
  }
  const { network } = operator;
  const { shape, type } = network.tensor(x.tensor);
  const quantization = onlyOne(operator, by);
  if (type !== 'float32' || by.low < -128)
    throw refused(operator, `a ${type} value cannot be quantized to 8 bits`, 'Export the model again.');
  return {
    ...x,
    tensor: network.emit('QUANTIZE', [x.tensor], null, { name, shape, type: 'int8', quantization }),
  };
}

/** TensorProto.DataType of QuantizeLinear's output where it has no zero point. */
function outputType({ node }: OnnxOperator): string {
  return attributeInteger(node, 'output_dtype', 2) === 3 ? 'int8' : 'uint8';
}

function operandAt(operator: OnnxOperator, position: number): Operand {
  const found = operator.inputs[position];
  if (found !== undefined && found !== null) return found;
  throw refused(
    operator,
    `input ${position} is missing`,
    'Export the model again: the file is not valid ONNX.',
  );
}

type Import = (operator: OnnxOperator) => Operand | readonly Operand[];

function refuseBlocks(operator: OnnxOperator): void {
  if (attributeInteger(operator.node, 'block_size', 0) !== 0)
    throw refused(operator, 'quantization in blocks is not supported', 'Quantize per tensor or per channel.');
}

const quantizeLinear: Import = (operator) => {
  refuseBlocks(operator);
  const axis = attributeInteger(operator.node, 'axis', 1);
  const by = given(operator, 1, 2, outputType(operator));
  const result = quantized(operator, operandAt(operator, 0), by, axis, operator.name);
  return isConstant(result) ? { ...result, type: by.shift === 128 ? 'uint8' : 'int8' } : result;
};

const dequantizeLinear: Import = (operator) => {
  refuseBlocks(operator);
  const x = operandAt(operator, 0);
  const type = isConstant(x) ? x.type : undefined;
  const by = given(operator, 1, 2, type ?? 'uint8');
  return dequantized(operator, x, by, attributeInteger(operator.node, 'axis', 1), operator.name);
};

/** How an operator on integers is written: which float operator it is, and where its inputs, scales and zero points are. */
interface Form {
  readonly kind: string;
  /** Positions of value, scale, zero point. */
  readonly inputs: readonly (readonly [value: number, scale: number, zeroPoint: number])[];
  readonly output: readonly [scale: number, zeroPoint: number];
  /** Position of an int32 bias, whose scale is that of the products. */
  readonly bias?: number;
  /** onnxruntime adds the zero point before it rounds. */
  readonly addsBeforeRounding?: boolean;
  /** Per-channel weights have their scales along this axis. */
  readonly weightAxis?: number;
  /** The operator's attributes, where the float operator names them otherwise. */
  attributes?(node: OnnxNode): OnnxNode;
}

function onIntegers(form: Form): Import {
  return (operator) => {
    const real = form.inputs.map(([at, scale, zeroPoint], position) => {
      const axis = position === 1 ? (form.weightAxis ?? 0) : 0;
      const x = operandAt(operator, at);
      const type = isConstant(x) ? x.type : undefined;
      const by = given(operator, scale, zeroPoint, type ?? 'uint8');
      return dequantized(operator, x, by, axis, `${operator.name}/input_${at}`);
    });
    const bias = form.bias === undefined ? null : (operator.inputs[form.bias] ?? null);
    const inputs: Operand[] = [...real];
    if (bias !== null) {
      const [first, second] = form.inputs.map(([, scale]) => constantAt(operator, scale, 'the scale').values);
      const scales = [...(second ?? [])].map((weight) => Math.fround((first?.[0] as number) * weight));
      const integers = constantAt(operator, form.bias as number, 'the bias');
      const by = {
        scales,
        zeroPoints: scales.map(() => 0),
        shift: 0,
        low: -(2 ** 31),
        high: 2 ** 31 - 1,
      };
      inputs.push(dequantizedConstant(operator, integers, by, -1));
    }
    const make = onnxOperators.get(form.kind);
    if (make === undefined) throw new RangeError(`${form.kind} is not in the table`);
    const node = form.attributes?.(operator.node) ?? operator.node;
    const made = make({ ...operator, node, inputs }) as Value;
    if (form.addsBeforeRounding === true) operator.network.specify(made.tensor, { addsBeforeRounding: true });
    const [scale, zeroPoint] = form.output;
    return quantized(operator, made, given(operator, scale, zeroPoint), 0, `${operator.name}/quantized`);
  };
}

const unary = (kind: string): Import => onIntegers({ kind, inputs: [[0, 1, 2]], output: [3, 4] });

const pair = (kind: string): Import =>
  onIntegers({
    kind,
    inputs: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    output: [6, 7],
    addsBeforeRounding: true,
  });

/** Output scale and zero point first, then each input with its own. */
const concat: Import = (operator) => {
  const count = Math.floor((operator.inputs.length - 2) / 3);
  const inputs = Array.from({ length: count }, (_, at) => [3 * at + 2, 3 * at + 3, 3 * at + 4] as const);
  return onIntegers({ kind: 'Concat', inputs, output: [0, 1] })(operator);
};

function channelsFirst(convert: Import): Import {
  return (operator) => {
    if (attributeInteger(operator.node, 'channels_last', 0) === 0) return convert(operator);
    throw refused(
      operator,
      'channels last in an ONNX file are not supported',
      'Save the quantized model before it is optimized for one machine.',
    );
  };
}

const qLinearConv = onIntegers({
  kind: 'Conv',
  inputs: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  output: [6, 7],
  bias: 8,
});

const qLinearMatMul = onIntegers({
  kind: 'MatMul',
  inputs: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  output: [6, 7],
  weightAxis: -1,
});

/** A, its scale and zero point, B and its, C (int32), then those of Y. Scales of B are along its outputs. */
const qGemm: Import = (operator) => {
  const turned = attributeInteger(operator.node, 'transB', 0) !== 0;
  return onIntegers({
    kind: 'Gemm',
    inputs: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    output: [7, 8],
    bias: 6,
    weightAxis: turned ? 0 : -1,
  })(operator);
};

/** What an operator on quantized integers does to the order of elements, as if it were the float one. */
export function plainKind(
  kind: string,
  inputs: readonly string[],
): { readonly kind: string; readonly inputs: readonly string[] } {
  const [, name] = /(?:^|\.)QLinear(\w+)$/.exec(kind) ?? [];
  return { kind: name ?? kind, inputs };
}

interface EdgeQuantization {
  readonly edge: { readonly type: 'int8' | 'uint8'; readonly quantization: Quantization };
  toSigned(network: Network, value: Value): Value;
}

/** Positions of value, scale and zero point among the inputs of what may first read a model's integers. */
const readsIntegers: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  DequantizeLinear: [[0, 1, 2]],
  'com.microsoft.DequantizeLinear': [[0, 1, 2]],
  QLinearConv: [[0, 1, 2]],
  QLinearMatMul: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  'com.microsoft.QGemm': [[0, 1, 2]],
  'com.microsoft.QLinearAdd': [
    [0, 1, 2],
    [3, 4, 5],
  ],
  'com.microsoft.QLinearMul': [
    [0, 1, 2],
    [3, 4, 5],
  ],
  'com.microsoft.QLinearAveragePool': [[0, 1, 2]],
  'com.microsoft.QLinearGlobalAveragePool': [[0, 1, 2]],
  'com.microsoft.QLinearLeakyRelu': [[0, 1, 2]],
  'com.microsoft.QLinearSigmoid': [[0, 1, 2]],
  'com.microsoft.QLinearSoftmax': [[0, 1, 2]],
};
const keepsIntegers = new Set([
  'Reshape',
  'Transpose',
  'Flatten',
  'MaxPool',
  'Squeeze',
  'Unsqueeze',
  'Identity',
]);

/**
 * What an int8 or uint8 input of the model means, as its first reader has it; null where none tells. uint8 stays so in the
 * interface of the library, and is shifted to int8 behind it.
 */
export function edgeQuantization(
  file: OnnxFile,
  input: OnnxInput,
  external: ReadonlyMap<string, Uint8Array>,
): EdgeQuantization | null {
  const type = typeName(input.type);
  const shift = eightBit[type];
  if (shift === undefined) return null;
  const names = new Set([input.name]);
  for (const node of file.nodes) {
    if (keepsIntegers.has(node.kind) && names.has(node.inputs[0] ?? ''))
      for (const output of node.outputs) names.add(output);
    for (const [at, scaleAt, zeroPointAt] of readsIntegers[node.kind] ?? []) {
      if (!names.has(node.inputs[at] ?? '')) continue;
      const [scale, zeroPoint] = [scaleAt, zeroPointAt].map((position) => {
        const initializer = file.initializers.get(node.inputs[position] ?? '');
        return initializer === undefined ? null : readTensor(initializer, external).values;
      });
      if (scale?.length !== 1) return null;
      const scales = [scale[0] as number];
      const own = { scales, zeroPoints: [zeroPoint?.[0] ?? 0], axis: 0 };
      const signed = { scales, zeroPoints: [(zeroPoint?.[0] ?? 0) - shift], axis: 0 };
      return {
        edge: { type: type as 'int8' | 'uint8', quantization: own },
        toSigned(network, value) {
          if (shift === 0) return value;
          const { shape, name } = network.tensor(value.tensor);
          const output = { name: `${name}/signed`, shape, type: 'int8', quantization: signed } as const;
          return { ...value, tensor: network.emit('QUANTIZE', [value.tensor], null, output) };
        },
      };
    }
  }
  return null;
}

/** A model output that the file has as uint8, shifted back. */
export function toUnsigned(network: Network, file: OnnxFile, name: string, value: Value): Value {
  const { type, quantization, shape } = network.tensor(value.tensor);
  const wanted = file.outputTypes.get(name) ?? 0;
  if (type !== 'int8' || quantization === null || typeName(wanted) !== 'uint8') return value;
  const unsigned = {
    ...quantization,
    zeroPoints: quantization.zeroPoints.map((zeroPoint) => zeroPoint + 128),
  };
  const output = { name: `${name}/unsigned`, shape, type: 'uint8', quantization: unsigned } as const;
  return { ...value, tensor: network.emit('QUANTIZE', [value.tensor], null, output) };
}

/** Every operator on quantized integers that is imported, by name. */
export const quantizedOperators: ReadonlyMap<string, Import> = new Map<string, Import>([
  ['QuantizeLinear', quantizeLinear],
  ['DequantizeLinear', dequantizeLinear],
  ['QLinearConv', qLinearConv],
  ['QLinearMatMul', qLinearMatMul],
  ['com.microsoft.QuantizeLinear', quantizeLinear],
  ['com.microsoft.DequantizeLinear', dequantizeLinear],
  ['com.microsoft.QGemm', qGemm],
  ['com.microsoft.QLinearAdd', pair('Add')],
  ['com.microsoft.QLinearMul', pair('Mul')],
  ['com.microsoft.QLinearConcat', concat],
  ['com.microsoft.QLinearAveragePool', channelsFirst(unary('AveragePool'))],
  ['com.microsoft.QLinearGlobalAveragePool', channelsFirst(unary('GlobalAveragePool'))],
  ['com.microsoft.QLinearReduceMean', unary('ReduceMean')],
  ['com.microsoft.QLinearLeakyRelu', unary('LeakyRelu')],
  ['com.microsoft.QLinearSigmoid', unary('Sigmoid')],
  ['com.microsoft.QLinearSoftmax', unary('Softmax')],
]);

/** What dynamic quantization writes. */
export function isDynamicallyQuantized(kind: string): boolean {
  return /(^|\.)(Dynamic\w+|(MatMul|Conv)Integer\w*)$/.test(kind);
}
