import { createHash } from 'node:crypto';
import { DeployError, printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';
import type { Value } from './arrangement.ts';
import type { Constant } from './constant.ts';
import { isConstant, type Operand } from './element_layers.ts';
import { fixShapes } from './fixed_sizes.ts';
import type { OrderStep } from './input_order.ts';
import { inputValue, outputValue } from './model_edges.ts';
import { Network } from './network.ts';
import {
  floatType,
  type OnnxFile,
  type OnnxInput,
  type OnnxNode,
  readOnnxFile,
  readTensor,
  typeName,
} from './onnx_file.ts';
import { onnxFunctions } from './onnx_functions.ts';
import { onnxOperators } from './onnx_operators.ts';
import {
  edgeQuantization,
  isDynamicallyQuantized,
  plainKind,
  quantizedOperators,
  toUnsigned,
} from './onnx_quantization.ts';
import type { ModelSource } from './tflite.ts';
import { insteadOfUnknown } from './unknown_operator.ts';

/**
 * Reads a float ONNX model: channels first become channels last, a dynamic batch becomes one. `external` holds the bytes of
 * files beside the model by the names that the model gives them (`externalFiles`). Anything that we do not compute, also a
 * hostile file, is a DeployError (kind `input`) that names the file and the node.
 */
export function importOnnx(
  bytes: Uint8Array,
  source: ModelSource,
  external: ReadonlyMap<string, Uint8Array> = new Map(),
): Graph {
  const file = readOnnxFile(bytes, source.file);
  const network = new Network(source.file);
  const operands = new Map<string, Operand>();
  const steps = orderSteps(file);
  const { shapes, fixed } = fixShapes(file.name, file.inputs, source.sizes);
  for (const [position, input] of file.inputs.entries()) {
    const shape = shapes[position] ?? [];
    operands.set(input.name, readInput(network, file, input, shape, steps, external));
  }
  const sizes = { bytes: 0 };
  const weigh = ({ values }: Constant, node: OnnxNode): void => {
    sizes.bytes += values.byteLength;
    if (sizes.bytes > limits.computedBytes)
      throw refusedNode(
        file,
        node,
        'the model has too many constants',
        'No network for a microcontroller is that large.',
      );
  };
  const operandOf = (name: string, node: OnnxNode): Operand => {
    const known = operands.get(name);
    if (known !== undefined) return known;
    const initializer = file.initializers.get(name);
    if (initializer === undefined)
      throw refusedNode(
        file,
        node,
        `nothing before it computes ${printable(JSON.stringify(name))}`,
        'Export the model again.',
      );
    const constant = readTensor(initializer, external);
    weigh(constant, node);
    operands.set(name, constant);
    return constant;
  };
  for (const node of file.nodes) {
    const make = onnxOperators.get(node.kind) ?? quantizedOperators.get(node.kind);
    if (make === undefined && isDynamicallyQuantized(node.kind))
      throw refusedNode(
        file,
        node,
        'this ONNX model is quantized dynamically: scales are computed anew for each input',
        'Quantize it statically (quantize_static, with calibration data), or give the float model and calibration data.',
      );
    if (make === undefined)
      throw refusedNode(
        file,
        node,
        'this ONNX operator is not supported',
        insteadOfUnknown(onnxOperators.size + quantizedOperators.size),
      );
    const inputs = node.inputs.map((name) => (name === '' ? null : operandOf(name, node)));
    const name = node.outputs[0] || node.name || `${node.kind}_${node.index}`;
    const made = make({
      network,
      name,
      where: { file: file.name, operator: shownNode(node) },
      node,
      opset: file.opset,
      external,
      inputs,
    });
    const results = Array.isArray(made) ? (made as readonly Operand[]) : [made as Operand];
    for (const result of results)
      if (isConstant(result) && !sharesValues(result, inputs)) weigh(result, node);
    for (const [position, output] of node.outputs.entries()) {
      if (output === '') continue;
      const result = results[position];
      if (operands.has(output) || file.initializers.has(output))
        throw refusedNode(
          file,
          node,
          `${printable(JSON.stringify(output))} is computed twice`,
          'Export the model again.',
        );
      if (result !== undefined) operands.set(output, result);
    }
  }
  const outputs = file.outputs.map((name) => ({
    name,
    value: toUnsigned(network, file, name, outputValue(network, name, operands.get(name))),
  }));
  const hash = createHash('sha256').update(bytes);
  for (const [name, content] of [...external].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(content);
  return network.finish(
    {
      name: source.name,
      source: { file: source.file, format: 'onnx', sha256: hash.digest('hex'), bytes: bytes.length },
      ...(fixed.length === 0 ? {} : { fixed }),
    },
    outputs,
  );
}

function sharesValues({ values }: Constant, inputs: readonly (Operand | null)[]): boolean {
  return inputs.some((input) => input !== null && isConstant(input) && input.values === values);
}

function shownNode(node: OnnxNode): string {
  return node.name === '' ? `${node.kind} #${node.index}` : `${node.kind} "${node.name}"`;
}

function refusedNode(file: OnnxFile, node: OnnxNode, what: string, hint: string): DeployError {
  return new DeployError('input', `${what}.`, { file: file.name, operator: shownNode(node) }, hint);
}

/** Inputs that are neither real numbers nor stand for such. */
const plainTypes: Readonly<Record<string, 'int32' | 'bool'>> = { int32: 'int32', bool: 'bool' };

function readInput(
  network: Network,
  file: OnnxFile,
  input: OnnxInput,
  shape: readonly number[],
  steps: readonly OrderStep[],
  external: ReadonlyMap<string, Uint8Array>,
): Value {
  const refuse = (what: string, hint: string) =>
    new DeployError('input', `${what}.`, { file: file.name, tensor: input.name }, hint);
  const plain = plainTypes[typeName(input.type)];
  if (plain !== undefined)
    return inputValue(network, input.name, shape, steps, { type: plain, quantization: null });
  const quantized = input.type === floatType ? null : edgeQuantization(file, input, external);
  if (input.type !== floatType && quantized === null)
    throw refuse(
      `a model input of type ${typeName(input.type)} is not supported`,
      'Export the model with float32 inputs, or quantized ones; casts and look-ups belong in front of it.',
    );
  const value = inputValue(network, input.name, shape, steps, quantized?.edge);
  return quantized === null ? value : quantized.toSigned(network, value);
}

/** Operators that keep the order of elements. */
const orderless = new Set([
  ...onnxFunctions.map(([kind]) => kind),
  ...'Add BatchNormalization Cast Clip Concat DequantizeLinear Div Dropout HardSigmoid HardSwish Identity'.split(
    ' ',
  ),
  ...'InstanceNormalization Max Mean Min Mul PRelu Pad QuantizeLinear Relu Sigmoid Slice Sub Sum Tanh'.split(
    ' ',
  ),
]);
const sliding = new Set(
  'Conv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool Resize Upsample'.split(' '),
);

function orderSteps({ nodes }: OnnxFile): readonly OrderStep[] {
  return nodes
    .map(({ kind: given, inputs: all, outputs }) => ({ ...plainKind(given, all), outputs }))
    .map(({ kind, inputs, outputs }) => ({
      kind: sliding.has(kind)
        ? 'sliding'
        : orderless.has(kind)
          ? 'orderless'
          : kind === 'Shape'
            ? 'unseeing'
            : 'ordered',
      inputs: sliding.has(kind) ? inputs.slice(0, 1) : inputs,
      outputs,
    }));
}
