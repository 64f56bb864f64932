import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { build, linkFirmware } from '../../src/build/build.ts';
import { compileObjects } from '../../src/build/compile.ts';
import type { Firmware } from '../../src/build/firmware.ts';
import type { Run } from '../../src/emulate/emulator.ts';
import { findQemu, type QemuEmulator } from '../../src/emulate/qemu.ts';
import { symbolize } from '../../src/emulate/symbolize.ts';
import { DeployError } from '../../src/errors.ts';
import { findTarget, targets } from '../../src/targets/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { type toyFaults, toyReference, toySources } from '../fixtures/toy/toy.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { faultyLayer, processesOf, toySamples } from './toy_runs.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-qemu-'));
after(() => rm(folder, { recursive: true, force: true }));
const cacheFolder = join(folder, 'cache, with a comma');

let runs = 0;

interface Tried {
  readonly qemu: QemuEmulator;
  readonly firmware: Firmware;
  readonly workFolder: string;
  run(timeLimitMs?: number, signal?: AbortSignal): Promise<Run>;
}

/** The toy, built for a target and ready to run; null after a skip. */
async function toyOn(t: TestContext, target: Target, fault: keyof typeof toyFaults): Promise<Tried | null> {
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, cacheFolder);
  if (toolchain === null || qemu === null) return null;
  runs++;
  const firmware = await build(toySources(fault), target, target.qemu.map, {
    folder: join(folder, `${runs}`),
    toolchain,
    runtimeFolder,
  });
  const workFolder = join(folder, `${runs}`, 'run, with a comma');
  return {
    qemu,
    firmware,
    workFolder,
    run: async (timeLimitMs = 60_000, signal) =>
      await qemu.run(
        firmware,
        { samples: toySamples },
        { timeLimitMs, workFolder, ...(signal ? { signal } : {}) },
      ),
  };
}

for (const target of targets.values())
  test(`${target.name}: outputs are right and instructions the same in each run`, async (t) => {
    const toy = await toyOn(t, target, 'none');
    if (toy === null) return;
    const first = await toy.run();
    assert.deepEqual(first.ending, { kind: 'done' });
    assert.deepEqual(first.outputs, toySamples.map(toyReference));
    assert.equal(first.counts.length, toySamples.length);
    for (const count of first.counts) {
      assert.deepEqual(count, first.counts[0], 'the toy takes the same way whatever the input');
      const inLayers = count.layers.reduce((sum, one) => sum + one.instructions, 0);
      // Before the first layer: what toy_invoke does until it jumps there.
      assert.ok(count.total > inLayers && count.total - inLayers <= 4, `${count.total} and ${inLayers}`);
    }
    assert.ok(first.stackBytes !== null && first.stackBytes >= 8 && first.stackBytes < 100);
    assert.deepEqual(first.blindTo, []);
    const second = await toy.run();
    assert.deepEqual(second, first);
  });

test('the count of a layer is what its disassembly says, instruction by instruction', async (t) => {
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, cacheFolder);
  if (toolchain === null || qemu === null) return;
  const target = findTarget('cortex-m3');
  const sources = toySources();
  // movs + 250 × 4 rounds of (subs, bne) + bx = 1 + 2,000 + 1, then `bx lr` or `pop` of the layers around.
  const counted = `
#include "toy.h"
uint8_t toy_arena[TOY_ARENA_BYTES];
__attribute__((naked, noinline)) void toy_layer_00_multiply(uint8_t *arena __attribute__((unused)))
{ __asm volatile("movw r1, #1000\\n1: subs r1, #1\\n bne 1b\\n bx lr\\n"); }
__attribute__((naked, noinline)) void toy_layer_01_count(uint8_t *arena __attribute__((unused)))
{ __asm volatile("itt ne\\n addne r1, #1\\n addne r1, #2\\n svc 0\\n bx lr\\n"); }
__attribute__((naked, noinline)) void toy_layer_02_lookup(uint8_t *arena __attribute__((unused)))
{ __asm volatile("bx lr\\n"); }
__attribute__((naked)) void toy_invoke(void *arena __attribute__((unused)))
{ __asm volatile("push {r4, lr}\\n bl toy_layer_00_multiply\\n bl toy_layer_02_lookup\\n pop {r4, pc}\\n"); }
`;
  const firmware = await build(
    {
      ...sources,
      library: [
        ...sources.library.filter((file) => file.path.endsWith('.h')),
        { path: 'toy.c', text: counted },
      ],
      layerSymbols: ['toy_layer_00_multiply', 'toy_layer_02_lookup'],
    },
    target,
    target.qemu.map,
    { folder: join(folder, 'counted'), toolchain, runtimeFolder },
  );
  const run = await qemu.run(
    firmware,
    { samples: toySamples },
    { timeLimitMs: 60_000, workFolder: join(folder, 'counted') },
  );
  // push, bl | movw, 1000 × (subs, bne), bx, bl | bx, pop
  assert.deepEqual(run.counts[0], {
    total: 2 + 2003 + 2,
    layers: [
      { symbol: 'toy_layer_00_multiply', instructions: 1 + 2000 + 1 + 1 },
      { symbol: 'toy_layer_02_lookup', instructions: 2 },
    ],
  });
});

for (const name of ['cortex-m0', 'cortex-m3', 'cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55']) {
  const target = findTarget(name);
  const ends = async (t: TestContext, fault: keyof typeof toyFaults): Promise<(Run & Tried) | null> => {
    const toy = await toyOn(t, target, fault);
    if (toy === null) return null;
    const result = await toy.run();
    assert.equal(result.lastLayer, faultyLayer);
    assert.equal(result.outputs.length, 0);
    assert.equal(result.stackBytes, null);
    return { ...toy, ...result };
  };

  test(`${name}: an access to a bad address is a fault with that address`, async (t) => {
    const toy = await ends(t, 'badAddress');
    if (toy === null) return;
    assert.ok(toy.ending.kind === 'fault', toy.ending.kind);
    assert.equal(toy.ending.address, 0xa000_0000);
    assert.match(toy.ending.fault, /access outside of the firmware/);
    assert.ok(symbolize(toy.firmware, toy.ending.pc ?? 0)?.startsWith(`${faultyLayer}+`));
  });

  test(`${name}: a write to a constant is a fault`, async (t) => {
    const toy = await ends(t, 'writeToConstant');
    if (toy === null) return;
    assert.ok(toy.ending.kind === 'fault', toy.ending.kind);
    assert.match(toy.ending.fault, /write to flash/);
  });

  test(`${name}: an undefined instruction is told as such`, async (t) => {
    const toy = await ends(t, 'undefinedInstruction');
    if (toy === null) return;
    assert.ok(toy.ending.kind === 'fault', toy.ending.kind);
    assert.equal(toy.ending.fault, 'usage fault: undefined instruction');
    assert.ok(symbolize(toy.firmware, toy.ending.pc ?? 0)?.startsWith(`${faultyLayer}+`));
  });

  test(`${name}: a jump to nowhere is a fault there`, async (t) => {
    const toy = await ends(t, 'jumpToNowhere');
    if (toy === null) return;
    assert.ok(toy.ending.kind === 'fault', toy.ending.kind);
    assert.match(toy.ending.fault, /jump to an address without code/);
    assert.equal(toy.ending.pc, 0xa000_0000);
  });

  for (const fault of ['deepRecursion', 'bigFrame', 'smallOverflow'] as const)
    test(`${name}: a stack overflow (${fault}) is told as such`, async (t) => {
      const toy = await ends(t, fault);
      if (toy !== null) assert.equal(toy.ending.kind, 'stack-overflow');
    });

  test(`${name}: firmware that ends without a word has no output`, async (t) => {
    const toy = await ends(t, 'silence');
    if (toy !== null) assert.deepEqual(toy.ending, { kind: 'no-output' });
  });
}

test('an unaligned load is a fault on Armv6-M, and is none on the M3 that runs such code', async (t) => {
  const onM0 = await toyOn(t, findTarget('cortex-m0'), 'unalignedLoad');
  const onM3 = await toyOn(t, findTarget('cortex-m3'), 'unalignedLoad');
  if (onM0 === null || onM3 === null) return;
  const { ending } = await onM0.run();
  assert.equal(ending.kind === 'fault' ? ending.fault : ending.kind, 'usage fault: unaligned access');
  assert.equal((await onM3.run()).ending.kind, 'done');
});

test('a hang ends at the time limit, with its place, and leaves no process', async (t) => {
  const toy = await toyOn(t, findTarget('cortex-m4'), 'endlessLoop');
  if (toy === null) return;
  const start = performance.now();
  const run = await toy.run(1_000);
  const elapsed = performance.now() - start;
  assert.ok(elapsed >= 1_000 && elapsed < 5_000, `${elapsed} ms`);
  assert.equal(run.ending.kind, 'hang');
  assert.equal(run.lastLayer, faultyLayer);
  const pc = run.ending.kind === 'hang' ? (run.ending.pc ?? 0) : 0;
  assert.ok(symbolize(toy.firmware, pc)?.startsWith(faultyLayer), symbolize(toy.firmware, pc) ?? 'nowhere');
  assert.deepEqual(await processesOf(folder), []);
});

test('a cancelled run is an error at once and leaves no process', async (t) => {
  const toy = await toyOn(t, findTarget('cortex-m4'), 'endlessLoop');
  if (toy === null) return;
  const start = performance.now();
  await assert.rejects(toy.run(60_000, AbortSignal.timeout(500)), /cancelled/);
  assert.ok(performance.now() - start < 5_000);
  assert.deepEqual(await processesOf(folder), []);
});

test('a part linked for the board runs as many instructions as linked for its own map', async (t) => {
  // The STM32's own map cannot run on QEMU; the same objects at other addresses must not count otherwise.
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, cacheFolder);
  if (toolchain === null || qemu === null) return;
  const target = findTarget('stm32l4r5');
  const objects = await compileObjects(toySources(), target, {
    folder: join(folder, 'part'),
    toolchain,
    runtimeFolder,
  });
  const moved = {
    ...target.qemu.map,
    ram: { origin: target.qemu.map.ram.origin + 1024 * 1024, bytes: 1024 * 1024 },
  };
  const counts = async (map: typeof moved) => {
    const firmware = await linkFirmware(objects, map, { label: `at-${map.ram.origin}` });
    const run = await qemu.run(
      firmware,
      { samples: toySamples },
      { timeLimitMs: 60_000, workFolder: join(folder, 'part') },
    );
    assert.equal(run.ending.kind, 'done');
    return run.counts;
  };
  assert.deepEqual(await counts(moved), await counts(target.qemu.map));
});

for (const target of targets.values())
  test(`${target.name}: without a host C compiler the debugger stub counts the same`, async (t) => {
    const toy = await toyOn(t, target, 'none');
    if (toy === null) return;
    const other = await findQemu({ runtimeFolder, cacheFolder, hostCompiler: 'no-such-compiler' });
    assert.match(other.withoutPlugin ?? '', /no host C compiler \(no-such-compiler\)/);
    const { workFolder } = toy;
    const run = await other.run(toy.firmware, { samples: toySamples }, { timeLimitMs: 60_000, workFolder });
    // Cycles are estimated from what the plugin notes of each address.
    assert.deepEqual({ ...run, cycles: null }, { ...(await toy.run()), cycles: null });
  });

test('faults and hangs are told the same through the debugger stub', async (t) => {
  const other = await findQemu({ runtimeFolder, cacheFolder, hostCompiler: 'no-such-compiler' });
  for (const fault of ['badAddress', 'deepRecursion', 'silence', 'endlessLoop'] as const) {
    const toy = await toyOn(t, findTarget('cortex-m4'), fault);
    if (toy === null) return;
    const { firmware, workFolder } = toy;
    const run = await other.run(firmware, { samples: toySamples }, { timeLimitMs: 2_000, workFolder });
    const byPlugin = await toy.run(1_000);
    assert.equal(run.ending.kind, byPlugin.ending.kind);
    assert.equal(run.lastLayer, faultyLayer);
    if (run.ending.kind === 'hang')
      assert.ok(symbolize(firmware, run.ending.pc ?? 0)?.startsWith(faultyLayer));
    else assert.deepEqual(run, byPlugin);
  }
  assert.deepEqual(await processesOf(folder), []);
});

test('a missing QEMU is an error that names the remedy', async () => {
  await assert.rejects(
    findQemu({ runtimeFolder, cacheFolder, program: '/no/such/qemu-system-arm' }),
    (error: unknown) =>
      error instanceof DeployError &&
      error.kind === 'tool' &&
      error.message.includes('apt-get install qemu-system-arm'),
  );
});
