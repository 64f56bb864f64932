import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { branches } from './branches.ts';
import { replay } from './replay.ts';

const target = findTarget('cortex-m4');

test('branches run one behind the other where that holds fewer bytes at once', () => {
  const graph = branches();
  const given = makePlan(graph, target, { fuse: 0, reorder: false });
  const ordered = makePlan(graph, target, { fuse: 0 });
  assert.ok(
    ordered.arenaBytes < 0.6 * given.arenaBytes,
    `${given.arenaBytes} bytes in the file's order, ${ordered.arenaBytes} in the best one`,
  );
  const kinds = ordered.layers.map(({ node }) => node.outputs[0]?.shape[1]);
  assert.deepEqual(kinds.slice(0, 4), [8, 1, 8, 1], 'wide, small, wide, small');
  replay(given);
  replay(ordered);
});

test('another order changes no output bit', () => {
  const graph = branches();
  const { layers } = makePlan(graph, target, { fuse: 0 });
  const operators = layers.map(({ node }) => node.operator);
  assert.notDeepEqual(operators, graph.operators);
  const inputs = seededInputs(graph, 1);
  assert.deepEqual(interpret({ ...graph, operators }, inputs).outputs, interpret(graph, inputs).outputs);
});

test('a chain of layers keeps its order', () => {
  const graph = branches();
  const chain = { ...graph, operators: graph.operators.filter((_, at) => at === 0 || at === 3), outputs: [] };
  const [first, second] = makePlan(chain, target).layers.map(({ node }) => node.operator.index);
  assert.deepEqual([first, second], [0, 3]);
});
