import { createHash } from 'node:crypto';
import { DeployError, printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';
import type { Operand } from './element_layers.ts';
import { fixShapes } from './fixed_sizes.ts';
import type { OrderStep } from './input_order.ts';
import { inputValue, outputValue } from './model_edges.ts';
import { Network } from './network.ts';
import {
  float32Code,
  nested,
  type Pt2File,
  type Pt2Node,
  readPt2File,
  readStored,
  sizeOf,
} from './pt2_file.ts';
import { atenOperators, isSliding, keepsOrder } from './pt2_operators.ts';
import type { ModelSource } from './tflite.ts';
import { insteadOfUnknown } from './unknown_operator.ts';

/**
 * Reads a float model of torch.export (.pt2): channels first become channels last, a dynamic batch becomes one. Anything
 * that we do not compute, also a hostile file, is a DeployError (kind `input`) that names the file and the node.
 */
export function importPt2(bytes: Uint8Array, source: ModelSource): Graph {
  const file = readPt2File(bytes, source.file);
  const network = new Network(source.file);
  const operands = new Map<string, Operand>();
  const steps = file.nodes.map(orderStep);
  const { shapes, fixed } = fixShapes(
    file.name,
    file.inputs.map((name) => ({ name, shape: describedInput(file, name).sizes.map(sizeOf) })),
    source.sizes,
  );
  for (const [position, name] of file.inputs.entries())
    operands.set(name, inputValue(network, name, shapes[position] ?? [], steps));
  const sizes = { bytes: 0 };
  const operandOf = (name: string, node: Pt2Node): Operand => {
    const known = operands.get(name);
    if (known !== undefined) return known;
    const stored = file.weights.get(name);
    if (stored === undefined)
      throw refusedNode(
        file,
        node,
        `nothing before it computes ${printable(JSON.stringify(name))}`,
        'Export the model again.',
      );
    const constant = readStored(stored, file.name);
    sizes.bytes += constant.values.byteLength;
    if (sizes.bytes > limits.computedBytes)
      throw refusedNode(
        file,
        node,
        'the model has too many weights',
        'No network for a microcontroller is that large.',
      );
    operands.set(name, constant);
    return constant;
  };
  for (const node of file.nodes) {
    const kind = kindOf(node);
    const make = atenOperators.get(kind);
    if (make === undefined)
      throw refusedNode(
        file,
        node,
        'this PyTorch operator is not supported',
        insteadOfUnknown(atenOperators.size),
      );
    const names = outputsOf(node);
    const made = make({
      network,
      name: names[0] ?? kind,
      where: { file: file.name, operator: shownNode(node) },
      arguments: new Map(node.inputs.map(({ name, arg }) => [name, arg])),
      operandOf: (name) => operandOf(name, node),
    });
    const results = Array.isArray(made) ? (made as readonly Operand[]) : [made as Operand];
    for (const [position, name] of names.entries()) {
      const result = results[position];
      if (operands.has(name) || file.weights.has(name))
        throw refusedNode(
          file,
          node,
          `${printable(JSON.stringify(name))} is computed twice`,
          'Export the model again.',
        );
      if (result !== undefined) operands.set(name, result);
    }
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return network.finish(
    {
      name: source.name,
      source: { file: source.file, format: 'pt2', sha256, bytes: bytes.length },
      ...(fixed.length === 0 ? {} : { fixed }),
    },
    file.outputs.map((name) => ({ name, value: outputValue(network, name, operands.get(name)) })),
  );
}

/** `conv2d` of `torch.ops.aten.conv2d.default`; an operator in place computes the same. */
/** The ATen operator without overload, also of its in-place form. */
export function kindOf({ target }: Pt2Node): string {
  const name = target.replace(/^torch\.ops\./, '');
  const kind = /^aten\.([a-z0-9_]+?)_?\.\w+$/.exec(name)?.[1];
  return kind ?? name;
}

function shownNode(node: Pt2Node): string {
  return `${kindOf(node)} "${outputsOf(node)[0] ?? ''}"`;
}

function refusedNode(file: Pt2File, node: Pt2Node, what: string, hint: string): DeployError {
  return new DeployError('input', `${what}.`, { file: file.name, operator: shownNode(node) }, hint);
}

/** The names of a node's results: tensors, lists of tensors, symbolic numbers. */
function outputsOf(node: Pt2Node): readonly string[] {
  return node.outputs.flatMap((output) => {
    const tensors = nested(output, 'as_tensors');
    const all = Array.isArray(tensors)
      ? tensors.map((tensor) => nested(tensor, 'name'))
      : [nested(output, 'as_tensor', 'name') ?? nested(output, 'as_sym_int', 'as_name')];
    return all.filter((name) => typeof name === 'string');
  });
}

function orderStep(node: Pt2Node): OrderStep {
  const kind = kindOf(node);
  const reads = node.inputs.flatMap(({ arg }) => {
    const tensors = nested(arg, 'as_tensors');
    const all = Array.isArray(tensors) ? tensors : [nested(arg, 'as_tensor')];
    return all.map((tensor) => nested(tensor, 'name')).filter((name) => typeof name === 'string');
  });
  return {
    kind: isSliding(kind)
      ? 'sliding'
      : keepsOrder(kind)
        ? 'orderless'
        : kind === 'sym_size'
          ? 'unseeing'
          : 'ordered',
    inputs: isSliding(kind) ? reads.slice(0, 1) : reads,
    outputs: outputsOf(node),
  };
}

function describedInput(file: Pt2File, name: string) {
  const refuse = (what: string, hint: string) =>
    new DeployError('input', `${what}.`, { file: file.name, tensor: name }, hint);
  const meta = Object.hasOwn(file.values, name) ? file.values[name] : undefined;
  if (meta === undefined) throw refuse('the file does not describe this input', 'Export the model again.');
  if (meta.dtype !== float32Code)
    throw refuse(
      'a model input of another type than float32 is not supported',
      'Export the model with float32 inputs; casts and look-ups belong in front of it.',
    );
  return meta;
}
