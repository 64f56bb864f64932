import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRun, type MarkEvent, type Observation } from '../../src/emulate/decode.ts';
import { DeployError } from '../../src/errors.ts';
import { toyFirmware } from './toy_firmware.ts';

const walk = (start: number): readonly MarkEvent[] => [
  { address: 0x100, instructions: start },
  { address: 0x200, instructions: start + 5 },
  { address: 0x300, instructions: start + 105 },
  { address: 0x400, instructions: start + 2105 },
];

const nothing: Observation = { uart: '', events: [], stopped: null, crash: null };
const decode = (seen: Partial<Observation>, samples = 2) =>
  decodeRun(toyFirmware, samples, { ...nothing, ...seen });

const complete = 'sample 0 0aff\nsample 1 00\nstack 36\ndone 0\n';

test('a complete run: outputs, stack, and instructions of the whole and of each layer', () => {
  assert.deepEqual(decode({ uart: complete, events: [...walk(1000), ...walk(9000)] }), {
    ending: { kind: 'done' },
    lastLayer: null,
    outputs: [Uint8Array.of(10, 255), Uint8Array.of(0)],
    traces: [],
    counts: [1000, 9000].map(() => ({
      total: 2105,
      layers: [
        { symbol: 'toy_layer_00_multiply', instructions: 100 },
        { symbol: 'toy_layer_01_count', instructions: 2000 },
      ],
    })),
    stackBytes: 36,
  });
});

test('an emulator that cannot count gives no counts and is believed', () => {
  const run = decode({ uart: complete, events: null });
  assert.deepEqual([run.ending.kind, run.counts.length], ['done', 0]);
});

test('a complete run whose marks are incomplete or out of order is no result', () => {
  const isRefused = (events: readonly MarkEvent[]): void =>
    assert.throws(() => decode({ uart: complete, events }), DeployError);
  isRefused(walk(1000));
  isRefused([...walk(1000), ...walk(9000).toReversed()]);
});

test('a fault has its words, its address, its place, and the layer that was running', () => {
  const line = 'fault bus pc=00000312 lr=00000301 cfsr=00008200 hfsr=00000000 address=a0000000\n';
  const run = decode({ uart: `sample 0 0aff\n${line}`, events: [...walk(1000), ...walk(9000).slice(0, 3)] });
  assert.deepEqual(run.ending, {
    kind: 'fault',
    fault: 'bus fault: access to a bad address',
    address: 0xa000_0000,
    pc: 0x312,
  });
  assert.equal(run.lastLayer, 'toy_layer_01_count');
  assert.equal(run.outputs.length, 1);
  assert.equal(run.counts.length, 1);
  assert.equal(run.stackBytes, null);
});

test('a usage fault is told by its cause', () => {
  const run = decode({ uart: 'fault usage pc=00000210 lr=00000001 cfsr=00010000 hfsr=00000000\n' });
  assert.deepEqual(run.ending, {
    kind: 'fault',
    fault: 'usage fault: undefined instruction',
    address: null,
    pc: 0x210,
  });
});

test('a stack overflow, with and without a known place', () => {
  assert.deepEqual(decode({ uart: 'stack-overflow cfsr=00000010 hfsr=00000000\n' }).ending, {
    kind: 'stack-overflow',
    pc: null,
  });
  assert.deepEqual(decode({ uart: 'stack-overflow pc=00000204 lr=00000001 cfsr=00000082\n' }).ending, {
    kind: 'stack-overflow',
    pc: 0x204,
  });
});

test('a run that was stopped is a hang; without marks the layer is where it was stopped', () => {
  const stopped = { pc: 0x30a };
  assert.deepEqual(decode({ stopped }).ending, { kind: 'hang', pc: 0x30a });
  assert.equal(decode({ stopped, events: walk(0).slice(0, 2) }).lastLayer, 'toy_layer_00_multiply');
  assert.equal(decode({ stopped, events: null }).lastLayer, 'toy_layer_01_count');
});

test('a run that finished just before it was stopped is done', () => {
  assert.equal(decode({ uart: complete, events: null, stopped: { pc: 0x30a } }).ending.kind, 'done');
});

test('what the emulator itself reports is a fault', () => {
  const crash = { fault: 'lock-up', pc: 0x304, address: null };
  assert.deepEqual(decode({ crash }).ending, { kind: 'fault', ...crash });
});

test('an end without a word, a missing sample, a half line: no output', () => {
  assert.equal(decode({}).ending.kind, 'no-output');
  assert.equal(decode({ uart: 'sample 0 0aff\nstack 36\ndone 0\n', events: null }).ending.kind, 'no-output');
  assert.equal(decode({ uart: complete.slice(0, -1), events: null }).ending.kind, 'no-output');
  assert.equal(decode({ uart: 'sample 1 00\nsample 0 00\ndone 0\n', events: null }).ending.kind, 'no-output');
});

test('firmware that refuses its mailbox is a defect of ours', () => {
  assert.throws(
    () => decode({ uart: "refused: the mailbox does not hold this model's inputs\n" }),
    (error: unknown) => error instanceof DeployError && error.kind === 'tool',
  );
});
