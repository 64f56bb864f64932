import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, elementCount, type Graph, type Operator, type Tensor } from '../../src/graph/graph.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';

/** Values of a bell curve about zero, the same in every run. */
function noise(): () => number {
  let state = 1;
  return () => {
    let sum = 0;
    for (let term = 0; term < 4; term++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    return sum;
  };
}

/** Five convolutions and two dense layers: 1.06 MB of float weights, 10 M multiply-accumulates. */
function network(random: () => number): Graph {
  const tensors: Tensor[] = [];
  const operators: Operator[] = [];
  const tensor = (shape: readonly number[], spread = 0): number => {
    const index = tensors.length;
    const values = new Float32Array(spread === 0 ? 0 : elementCount(shape)).map(() => random() * spread);
    const data = spread === 0 ? null : bytesOf(values);
    tensors.push({ index, name: `t${index}`, type: 'float32', shape, quantization: null, data });
    return index;
  };
  const layer = (
    kind: string,
    inputs: readonly number[],
    shape: readonly number[],
    options: unknown,
  ): number => {
    const output = tensor(shape);
    operators.push({ index: operators.length, kind, inputs, outputs: [output], options });
    return output;
  };
  let at = tensor([1, 32, 32, 3]);
  let [extent, channels] = [32, 3];
  for (const [filters, stride] of [
    [16, 1],
    [32, 2],
    [64, 1],
    [64, 2],
    [128, 2],
  ] as const) {
    const weights = tensor([filters, 3, 3, channels], 2 / Math.sqrt(9 * channels));
    const inputs = [at, weights, tensor([filters], 0.1)];
    extent = Math.ceil(extent / stride);
    channels = filters;
    at = layer('CONV_2D', inputs, [1, extent, extent, channels], {
      padding: 'same',
      strideWidth: stride,
      strideHeight: stride,
      dilationWidth: 1,
      dilationHeight: 1,
      activation: 'relu',
    });
  }
  let depth = extent * extent * channels;
  at = layer('RESHAPE', [at], [1, depth], null);
  for (const outputs of [64, 10]) {
    const inputs = [at, tensor([outputs, depth], 2 / Math.sqrt(depth)), tensor([outputs], 0.1)];
    at = layer('FULLY_CONNECTED', inputs, [1, outputs], { activation: 'none', weightsFormat: 0 });
    depth = outputs;
  }
  const output = layer('SOFTMAX', [at], [1, 10], { beta: 1 });
  const source = { file: 'speed.tflite', format: 'tflite', sha256: '', bytes: 0 } as const;
  return { name: 'speed', source, tensors, operators, inputs: [0], outputs: [output] };
}

test('1 MB of float weights and 10 M multiply-accumulates with 200 samples: under 10 s of one core, with a bar', (t) => {
  const random = noise();
  const graph = network(random);
  const samples = Array.from({ length: 200 }, () => [new Float32Array(3072).map(() => random() + 0.5)]);
  let ticks = 0;
  const start = process.cpuUsage();
  const { decibels } = quantize(graph, samples, defaultOptions, () => {
    ticks += 1;
  });
  const seconds = secondsSince(start);
  t.diagnostic(`${seconds.toFixed(1)} s, ${decibels.toFixed(1)} dB`);
  assert.ok(seconds < 10, `${seconds} s`);
  assert.ok(ticks > 200);
  assert.ok(decibels > 30, `${decibels} dB`);
});

test('a search for mixed precision on the same takes less than six times as long', (t) => {
  const random = noise();
  const graph = network(random);
  const samples = Array.from({ length: 200 }, () => [new Float32Array(3072).map(() => random() + 0.5)]);
  const start = process.cpuUsage();
  const maxLoss = { unit: 'decibels', value: 43 } as const;
  const { wide, mixed } = quantize(graph, samples, { ...defaultOptions, activations: 'mixed', maxLoss });
  const seconds = secondsSince(start);
  t.diagnostic(
    `${seconds.toFixed(1)} s, ${wide.length} of ${mixed?.activations}, ${mixed?.int8} dB, then ${mixed?.chosen}`,
  );
  assert.ok(seconds < 60, `${seconds} s`);
  assert.ok(wide.length > 0);
});

function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
