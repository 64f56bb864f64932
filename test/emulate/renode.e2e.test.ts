import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { linkFirmware } from '../../src/build/build.ts';
import { compileObjects } from '../../src/build/compile.ts';
import type { Firmware } from '../../src/build/firmware.ts';
import type { Sources } from '../../src/codegen/sources.ts';
import type { Emulator, Run } from '../../src/emulate/emulator.ts';
import { findQemu, type QemuEmulator } from '../../src/emulate/qemu.ts';
import { findRenode } from '../../src/emulate/renode.ts';
import { runsOn } from '../../src/emulate/runs_on.ts';
import { symbolize } from '../../src/emulate/symbolize.ts';
import { DeployError } from '../../src/errors.ts';
import { findTarget, targets } from '../../src/targets/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { type toyFaults, toyReference, toySources } from '../fixtures/toy/toy.ts';
import { crossCompiler, runtimeFolder } from '../tools.ts';
import { faultyLayer, listeningPorts, processesOf, toySamples } from './toy_runs.ts';

const folder = await realpath(await mkdtemp(join(tmpdir(), 'tinyml-renode-')));

/** A Renode that runs Helium, 1.17 or a build of its sources, where the one on the PATH is older. */
const heliumProgram = process.env.TINYML_TEST_RENODE_HELIUM;

const found = {
  renode: findRenode(),
  qemu: findQemu({ runtimeFolder, cacheFolder: join(folder, 'cache') }),
};
// Looked at by each test; a promise that nobody waits for yet must not end the process.
for (const promise of Object.values(found)) promise.catch(() => undefined);
after(async () => {
  await Promise.allSettled(Object.values(found));
  await rm(folder, { recursive: true, force: true });
});

async function orSkip<Tool>(t: TestContext, tool: Promise<Tool>, name: string): Promise<Tool | null> {
  try {
    return await tool;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    t.skip(`SKIPPED: ${name} is not on this machine: ${error.message}`);
    return null;
  }
}

interface Toy {
  readonly firmware: Firmware;
  /** The same objects, linked for QEMU's board. */
  readonly onBoard: Firmware;
  readonly workFolder: string;
}

let toys = 0;

/** The toy, built for a target; null after a skip. */
async function buildToy(t: TestContext, target: Target, sources: Sources): Promise<Toy | null> {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return null;
  const place = join(folder, `${++toys}`);
  const objects = await compileObjects(sources, target, { folder: place, toolchain, runtimeFolder });
  return {
    firmware: await linkFirmware(objects, target.renode.map, { label: 'firmware' }),
    onBoard: await linkFirmware(objects, target.qemu.map, { label: 'firmware-qemu' }),
    workFolder: join(place, `a b'c`),
  };
}

async function run(renode: Emulator, toy: Toy, timeLimitMs = 60_000, signal?: AbortSignal): Promise<Run> {
  const options = { timeLimitMs, workFolder: toy.workFolder, ...(signal ? { signal } : {}) };
  const result = await renode.run(toy.firmware, { samples: toySamples }, options);
  assert.deepEqual(await processesOf(toy.workFolder), []);
  assert.ok(!existsSync(join(toy.workFolder, 'temporary')));
  return result;
}

/** Right outputs, and instructions that equal QEMU's in each layer and in total. Returns Renode's run. */
async function equalsQemu(renode: Emulator, qemu: QemuEmulator, toy: Toy): Promise<Run> {
  const onRenode = await run(renode, toy);
  assert.deepEqual(onRenode.ending, { kind: 'done' });
  assert.deepEqual(onRenode.outputs, toySamples.map(toyReference));
  assert.equal(onRenode.counts.length, toySamples.length);
  assert.ok(onRenode.counts.every(({ layers }) => (layers[1]?.instructions ?? 0) > 2_004));
  const onQemu = await qemu.run(
    toy.onBoard,
    { samples: toySamples },
    { timeLimitMs: 60_000, workFolder: join(toy.workFolder, 'qemu') },
  );
  const own = { emulator: null, blindTo: [], cycles: null };
  assert.deepEqual({ ...onRenode, ...own }, { ...onQemu, ...own });
  return onRenode;
}

describe('on Renode', { concurrency: 2 }, () => {
  for (const target of targets.values())
    test(`${target.name}: outputs are right, and instructions are QEMU's`, async (t) => {
      const renode = await orSkip(t, found.renode, 'Renode');
      const qemu = renode === null ? null : await orSkip(t, found.qemu, 'QEMU');
      if (renode === null || qemu === null) return;
      if (!runsOn(renode, target))
        return t.skip(
          `SKIPPED: Renode ${renode.version} does not run it; ${target.name} needs ${target.renode.since}`,
        );
      const toy = await buildToy(t, target, toySources());
      if (toy === null) return;
      const first = await equalsQemu(renode, qemu, toy);
      if (target.name === 'cortex-m4') assert.deepEqual(await run(renode, toy), first);
    });

  test("Helium on a Renode that knows it: instructions are QEMU's", async (t) => {
    if (heliumProgram === undefined)
      return t.skip('SKIPPED: TINYML_TEST_RENODE_HELIUM names no Renode that runs Helium');
    const renode = await findRenode({ program: heliumProgram });
    const qemu = await orSkip(t, found.qemu, 'QEMU');
    const toy = await buildToy(t, findTarget('cortex-m55'), withHelium(toySources()));
    if (qemu === null || toy === null) return;
    await equalsQemu(renode, qemu, toy);
  });

  /** Runs a toy that misbehaves in its layer 1. */
  const ends = async (
    t: TestContext,
    target: string,
    sources: Sources,
    timeLimitMs?: number,
  ): Promise<{ firmware: Firmware; result: Run } | null> => {
    const renode = await orSkip(t, found.renode, 'Renode');
    const toy = renode === null ? null : await buildToy(t, findTarget(target), sources);
    if (renode === null || toy === null) return null;
    const result = await run(renode, toy, timeLimitMs);
    assert.deepEqual(result.outputs, []);
    assert.deepEqual(result.counts, []);
    assert.equal(result.stackBytes, null);
    assert.equal(result.lastLayer, faultyLayer);
    return { firmware: toy.firmware, result };
  };
  const fault = (kind: keyof typeof toyFaults): Sources => toySources(kind);
  const placeOf = (firmware: Firmware, { ending }: Run): string =>
    symbolize(firmware, 'pc' in ending ? (ending.pc ?? 0) : 0)?.replace(/\+0x[0-9a-f]+$/, '') ?? 'nowhere';

  for (const target of ['cortex-m0', 'stm32l4r5'])
    test(`${target}: a write to a bad address is a fault with that address`, async (t) => {
      const toy = await ends(t, target, fault('badAddress'));
      if (toy === null) return;
      const { ending } = toy.result;
      assert.ok(ending.kind === 'fault', ending.kind);
      assert.equal(ending.fault, 'write to an address where nothing is');
      assert.equal(ending.address, 0xa000_0000);
      assert.equal(placeOf(toy.firmware, toy.result), faultyLayer);
    });

  for (const [target, kind, place] of [
    ['cortex-m33', 'smallOverflow', 'fill_frame'],
    ['cortex-m4', 'deepRecursion', 'recurse'],
  ] as const)
    test(`${target}: a stack overflow (${kind}) is told as such, with its place`, async (t) => {
      const toy = await ends(t, target, fault(kind));
      if (toy === null) return;
      assert.equal(toy.result.ending.kind, 'stack-overflow');
      assert.equal(placeOf(toy.firmware, toy.result), place);
    });

  test('a read from a bad address is a fault with that address', async (t) => {
    const toy = await ends(
      t,
      'cortex-m4',
      withStatement('arena[32] = *(volatile uint8_t *)0x20400001; /* one past RAM */'),
    );
    if (toy === null) return;
    const { ending } = toy.result;
    assert.ok(ending.kind === 'fault', ending.kind);
    assert.equal(ending.fault, 'read of an address where nothing is');
    assert.equal(ending.address, 0x2040_0001);
    assert.equal(placeOf(toy.firmware, toy.result), faultyLayer);
  });

  test('cortex-m0: an undefined instruction is told as such', async (t) => {
    const toy = await ends(t, 'cortex-m0', fault('undefinedInstruction'));
    if (toy === null) return;
    const { ending } = toy.result;
    assert.ok(ending.kind === 'fault', ending.kind);
    assert.equal(ending.fault, 'usage fault: undefined instruction');
    assert.equal(placeOf(toy.firmware, toy.result), faultyLayer);
  });

  for (const [place, address, sources] of [
    ['nowhere', 0xa000_0000, fault('jumpToNowhere')],
    ['a device', 0x4000_4000, withStatement('((void (*)(void))0x40004001)();')],
  ] as const)
    test(`a jump to ${place} is a fault there`, async (t) => {
      const toy = await ends(t, 'cortex-m4', sources);
      if (toy === null) return;
      assert.deepEqual(toy.result.ending, {
        kind: 'fault',
        fault: 'jump to an address without code',
        pc: address,
        address: null,
      });
    });

  test('firmware that ends without a word has no output', async (t) => {
    const toy = await ends(t, 'cortex-m4', fault('silence'));
    if (toy !== null) assert.deepEqual(toy.result.ending, { kind: 'no-output' });
  });

  test('a hang ends at the time limit, with its place', async (t) => {
    const toy = await ends(t, 'cortex-m4', fault('endlessLoop'), 1_000);
    if (toy === null) return;
    assert.equal(toy.result.ending.kind, 'hang');
    assert.equal(placeOf(toy.firmware, toy.result), faultyLayer);
  });

  test('what Renode is said to be blind to, it lets pass', async (t) => {
    const renode = await orSkip(t, found.renode, 'Renode');
    if (renode === null) return;
    const sources = withStatement(
      'static volatile uint16_t code[] = {0x4770, 0x4770}; /* bx lr */',
      '((void (*)(void))((uintptr_t)code | 1))();',
      '__asm volatile("ldrd r2, r3, [%0, #0]" ::"r"(arena + 1) : "r2", "r3");',
      '__asm volatile(".inst.w 0xfb212103 /* smlad r1, r1, r3, r2 */" ::: "r1");',
      '*(volatile int8_t *)(uintptr_t)toy_layer_00_multiply_weights = 1;',
    );
    const toy = await buildToy(t, findTarget('cortex-m3'), sources);
    if (toy === null) return;
    const result = await run(renode, toy);
    assert.deepEqual(result.ending, { kind: 'done' });
    assert.deepEqual(result.blindTo, [
      'writes to read-only memory',
      'code that runs from RAM',
      'unaligned accesses',
      'instructions that the core lacks',
    ]);
  });

  test('it opens no port; cancelled, it is an error and leaves neither process nor file', async (t) => {
    const renode = await orSkip(t, found.renode, 'Renode');
    const toy = renode === null ? null : await buildToy(t, findTarget('cortex-m4'), fault('endlessLoop'));
    if (renode === null || toy === null) return;
    const cancel = new AbortController();
    const running = assert.rejects(run(renode, toy, 120_000, cancel.signal), /cancelled/);
    const deadline = performance.now() + 60_000;
    // The UART's file is made when everything that could listen does.
    while (!existsSync(join(toy.workFolder, 'uart.txt')) && performance.now() < deadline) await wait(50);
    await wait(500);
    const processes = await processesOf(toy.workFolder);
    const ports = await listeningPorts(processes);
    const start = performance.now();
    cancel.abort();
    await running;
    assert.ok(performance.now() - start < 5_000);
    assert.ok(processes.length > 0, 'Renode was running');
    assert.deepEqual(ports, []);
    assert.deepEqual(await processesOf(toy.workFolder), []);
    assert.ok(!existsSync(join(toy.workFolder, 'temporary')));
    for (const pid of processes) assert.ok(!existsSync(join(tmpdir(), `renode-${pid}`)), `renode-${pid}`);
  });
});

test('a missing Renode is an error that names the remedy', async () => {
  await assert.rejects(
    findRenode({ program: '/no/such/renode' }),
    (error: unknown) =>
      error instanceof DeployError && error.kind === 'tool' && error.message.includes('renode.io'),
  );
});

/** The toy with more statements in its layer 1. */
function withStatement(...statements: readonly string[]): Sources {
  return inLayer(toySources(), `${statements.join('\n    ')}\n`);
}

/** The toy with a dot product, a gather and a tail in Helium in its layer 1; what it computes stays. */
function withHelium(sources: Sources): Sources {
  return inLayer(
    sources,
    `uint32_t sum = 0;
    uint32_t left = 13;
    __asm volatile("movs r4, #0\\n"
                   "vidup.u8 q2, r4, #1\\n"
                   "wlstp.8 lr, %1, 2f\\n"
                   "1: vldrb.8 q0, [%2]\\n"
                   "vldrb.u8 q1, [%2, q2]\\n"
                   "vmladava.s8 %0, q0, q1\\n"
                   "letp lr, 1b\\n"
                   "2:\\n"
                   : "+Te"(sum) : "r"(left), "r"(arena) : "r4", "lr", "q0", "q1", "q2", "memory");
    *(volatile uint32_t *)(arena + 60) = sum;
`,
  );
}

function inLayer(sources: Sources, statements: string): Sources {
  const copy = 'memcpy(arena + 32, arena + 16, 16);';
  return {
    ...sources,
    library: sources.library.map((file) =>
      file.path === 'toy.c' ? { ...file, text: file.text.replace(copy, `${copy}\n    ${statements}`) } : file,
    ),
  };
}
