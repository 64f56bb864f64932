import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describePlan, planSummary } from '../../src/cli/plan_text.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { loadGraph } from '../../src/pipeline.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { fixtures } from '../golden/golden.ts';
import { onnxModel } from '../import/float_models.ts';
import { folderWith } from '../project/folder.ts';

test('explain says which open sizes were fixed, and why', async (t) => {
  const folder = folderWith(t, {});
  cpSync(join(fixtures, 'digits', 'digits_keras_int8.tflite'), join(folder, 'digits.tflite'));
  const graph = await loadGraph(folder, { file: 'digits.tflite', name: 'digits' });
  const plan = makePlan(graph, findTarget('cortex-m4'));
  assert.match(
    describePlan(plan, null, false),
    /^fixed {3}the batch of keras_tensor to 1: one inference at a time$/m,
  );
  const sizes = { shapes: {}, dimensions: { time: 9 } };
  const model = onnxModel({ input: ['N', 'time'], nodes: [{ kind: 'Relu', inputs: ['x'], outputs: ['y'] }] });
  const { fixed } = importOnnx(model, { file: 'm.onnx', name: 'm', sizes });
  assert.ok(fixed !== undefined);
  const other = { ...plan, graph: { ...graph, fixed } };
  assert.match(describePlan(other, null, false), /^fixed {3}time of x to 9, as tinyml\.yml says$/m);
  assert.deepEqual(planSummary(other, null).fixed, fixed);
});
