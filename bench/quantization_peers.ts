import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { writeNpy } from '../src/accuracy/write_npy.ts';
import { prepareFloat } from '../src/float/interpreter.ts';
import { type Graph, tensorAt } from '../src/graph/graph.ts';
import { type Conv2dOptions, conv2dGeometry } from '../src/operators/conv_2d.ts';
import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../src/operators/depthwise_conv_2d.ts';
import { type Node, nodeOf } from '../src/operators/operator.ts';
import type { QuantizationNetwork } from './quantization_networks.ts';

/** What others make of the same networks, measured live or kept as data. */

const result = z.strictObject({
  peer: z.string(),
  calibration: z.int(),
  accuracy: z.number(),
  agreement: z.number(),
  decibels: z.number(),
});
const answer = z.strictObject({ versions: z.record(z.string(), z.string()), results: z.array(result) });
const kept = z.strictObject({
  date: z.string(),
  how: z.string(),
  versions: z.record(z.string(), z.string()),
  results: z.array(result.extend({ network: z.string() })),
});

export type Peers = z.infer<typeof kept>;

export const peersFile = fileURLToPath(new URL('quantization_peers.json', import.meta.url));

export function keptPeers(): Peers {
  return kept.parse(JSON.parse(readFileSync(peersFile, 'utf8')));
}

/** Runs quantization_peers.py for each network with a Python that has what quantization_peers.txt names. */
export async function measurePeers(
  python: string,
  networks: readonly QuantizationNetwork[],
  calibration: readonly number[],
): Promise<Peers> {
  const script = fileURLToPath(new URL('quantization_peers.py', import.meta.url));
  const results: Peers['results'][number][] = [];
  let versions: Peers['versions'] = {};
  for (const network of networks) {
    const folder = await mkdtemp(join(tmpdir(), 'tinyml-peers-'));
    try {
      await handOver(folder, network, calibration);
      const { stdout } = await execa(python, [script, folder], { stderr: 'pipe' });
      const measured = answer.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
      results.push(...measured.results.map((each) => ({ network: network.name, ...each })));
      versions = { ...versions, ...measured.versions };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const date = new Date().toISOString().slice(0, 10);
  const how = 'bench/quantization_peers.py: networks built anew from the same float weights';
  return { date, how, versions, results };
}

async function handOver(
  folder: string,
  { graph, calibration, inputs, labels }: QuantizationNetwork,
  counts: readonly number[],
): Promise<void> {
  const all = [...calibration, ...inputs];
  const network = prepareFloat(graph);
  const answers = all.map((values) => (network.run([values])[0] ?? new Float32Array()).slice());
  const known = [...calibration.map(() => -1), ...labels];
  writeNpy(join(folder, 'inputs.npy'), 'float32', [all[0]?.length ?? 0], all);
  writeNpy(join(folder, 'answers.npy'), 'float32', [answers[0]?.length ?? 0], answers);
  writeNpy(
    join(folder, 'labels.npy'),
    'int32',
    [1],
    known.map((label) => [label]),
  );
  const description = { ...networkOf(graph), calibration: counts, first_test: calibration.length };
  await writeFile(join(folder, 'network.json'), JSON.stringify(description));
}

const numpyTypes = { float32: '<f4', int32: '<i4', int64: '<i8' } as const;

function networkOf(graph: Graph) {
  const constants: Record<string, unknown> = {};
  for (const { index, type, shape, data } of graph.tensors)
    if (data !== null && (type === 'float32' || type === 'int32' || type === 'int64'))
      constants[index] = { type: numpyTypes[type], shape, data: Buffer.from(data).toString('base64') };
  const operators = graph.operators.map((operator) => ({
    kind: operator.kind,
    options: operator.options,
    inputs: operator.inputs,
    output: operator.outputs[0],
    output_shape: tensorAt(graph, operator.outputs[0] ?? -1).shape,
    input_channels: tensorAt(graph, operator.inputs[0] ?? -1).shape.at(-1),
    pads: padsOf(nodeOf(graph, operator)),
  }));
  const [input = -1] = graph.inputs;
  return {
    constants,
    operators,
    input,
    output: graph.outputs[0],
    input_shape: tensorAt(graph, input).shape,
  };
}

/** Top, left, bottom, right, as ONNX writes them; null for operators without. */
function padsOf(node: Node): number[] | null {
  const { kind } = node.operator;
  if (kind !== 'CONV_2D' && kind !== 'DEPTHWISE_CONV_2D') return null;
  const geometry =
    kind === 'CONV_2D'
      ? conv2dGeometry(node as Node<Conv2dOptions>)
      : depthwiseConv2dGeometry(node as Node<DepthwiseConv2dOptions>);
  const after = (output: number, stride: number, filter: number, input: number, before: number) =>
    Math.max(0, (output - 1) * stride + filter - input - before);
  const { paddingTop, paddingLeft, outputHeight, outputWidth, strideHeight, strideWidth } = geometry;
  const { filterHeight, filterWidth, inputHeight, inputWidth } = geometry;
  return [
    paddingTop,
    paddingLeft,
    after(outputHeight, strideHeight, filterHeight, inputHeight, paddingTop),
    after(outputWidth, strideWidth, filterWidth, inputWidth, paddingLeft),
  ];
}
