import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { crossCompiler } from '../tools.ts';
import { call } from './terminal.ts';

const digits = join(import.meta.dirname, '..', '..', 'examples', 'digits');
const count = z.number();
const plan = z.object({
  layers: z.array(z.object({ code: count, weights: count, tables: count })),
  shared: z.array(z.object({ kernel: z.string(), layers: z.array(count).min(2), code: count })),
  flash: z.object({
    total: count,
    code: count,
    weights: count,
    tables: count,
    runtime: count,
    outside: count,
  }),
});

test('explain says where each byte of flash is: layers, code that they share, and the rest add up to the whole', async (t) => {
  if ((await crossCompiler(t)) === null) return;
  for (const setting of ['size', 'speed']) {
    const { stdout, stderr } = await call(digits, ['explain', 'digits_mlp', '--optimize', setting, '--json']);
    assert.equal(stderr, '');
    const { layers, shared, flash } = plan.parse(JSON.parse(stdout));
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
    const inLayers = sum(layers.map(({ code }) => code));
    assert.equal(inLayers + sum(shared.map(({ code }) => code)) + flash.outside, flash.code);
    assert.ok(flash.outside > 0 && flash.outside < 1_000, String(flash.outside));
    assert.equal(sum(layers.map(({ weights }) => weights)), flash.weights);
    const tables = sum(layers.map(({ tables }) => tables));
    // A section is filled up to whole words between its objects.
    assert.ok(tables <= flash.tables && flash.tables - tables <= 4 * layers.length);
    assert.equal(flash.code + flash.weights + flash.tables + flash.runtime, flash.total);
    if (setting === 'size')
      assert.ok(shared.some(({ kernel, code }) => kernel.startsWith('conv_2d') && code > 0));
  }
});
