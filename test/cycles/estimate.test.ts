import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Elf } from '../../src/build/elf.ts';
import { estimateCycles } from '../../src/cycles/estimate.ts';
import { type Executed, readProfile } from '../../src/cycles/profile.ts';
import { type TimingName, timings } from '../../src/targets/timing.ts';

/** Code at address 0x100. */
function elfOf(halfwords: readonly number[]): Elf {
  const content = new Uint8Array(Uint16Array.from(halfwords).buffer);
  const section = {
    name: '.model.text',
    type: 1,
    flags: 6,
    address: 0x100,
    offset: 0,
    bytes: content.length,
    alignment: 2,
  };
  return { entry: 0, sections: [section], symbols: [], segments: [], content: () => content };
}

function cyclesOf(core: TimingName, halfwords: readonly number[], executed: readonly Executed[]) {
  const found = estimateCycles(elfOf(halfwords), [{ from: 0x100, executed }], timings[core]);
  return found === null ? null : [found.low, found.estimate, found.high];
}

const run = (address: number, count: number, sequential = 0): Executed => ({ address, count, sequential });

const [add, multiply, load01, load23, load10, back, pop] = [
  0x1840, 0x4348, 0x6808, 0x681a, 0x6801, 0xd1fe, 0xbd30,
];

test('a load behind a load takes one cycle on a Cortex-M4, and two where its address is the value loaded', () => {
  const both = [run(0x100, 10), run(0x102, 10)];
  // LDR r0, [r1]; LDR r2, [r3]: three cycles, four at most.
  assert.deepEqual(cyclesOf('cortex-m4', [load01, load23], both), [30, 30, 40]);
  // LDR r0, [r1]; LDR r1, [r0] waits.
  assert.deepEqual(cyclesOf('cortex-m4', [load01, load10], both), [40, 40, 40]);
  assert.deepEqual(cyclesOf('cortex-m0plus', [load01, load23], both), [40, 40, 40]);
});

test('a branch costs its refill only when it is taken', () => {
  // ADD; BNE, taken 9 times of 10.
  const loop = [run(0x100, 10), run(0x102, 10, 1)];
  assert.deepEqual(cyclesOf('cortex-m4', [add, back], loop), [29, 38, 47]);
  assert.deepEqual(cyclesOf('cortex-m0plus', [add, back], loop), [29, 29, 29]);
  assert.deepEqual(cyclesOf('cortex-m0', [add, back], loop), [38, 38, 38]);
});

test('a load multiple costs one cycle for each register: fewer instructions are not fewer cycles', () => {
  // POP {r4, r5, pc}: 1 + 3, and the refill of a return.
  assert.deepEqual(cyclesOf('cortex-m4', [pop], [run(0x100, 10)]), [50, 60, 70]);
  const [loadMultiple] = [0xc80f];
  const single = cyclesOf('cortex-m4', [load01, load23], [run(0x100, 4), run(0x102, 4)]);
  const multiple = cyclesOf('cortex-m4', [loadMultiple], [run(0x100, 2)]);
  assert.deepEqual(
    [single, multiple],
    [
      [12, 12, 16],
      [10, 10, 10],
    ],
  );
});

test('multiplications take what their core takes', () => {
  assert.deepEqual(cyclesOf('cortex-m3', [multiply], [run(0x100, 10)]), [10, 10, 10]);
  // MLA and SMULL.
  const [mla, smull] = [
    [0xfb01, 0x3002],
    [0xfb82, 0x0103],
  ];
  assert.deepEqual(cyclesOf('cortex-m3', mla ?? [], [run(0x100, 10)]), [20, 20, 20]);
  assert.deepEqual(cyclesOf('cortex-m4', mla ?? [], [run(0x100, 10)]), [10, 10, 10]);
  assert.deepEqual(cyclesOf('cortex-m3', smull ?? [], [run(0x100, 10)]), [30, 40, 50]);
});

test('two at once on a Cortex-M7 at best, one at a time at worst', () => {
  assert.deepEqual(cyclesOf('cortex-m7', [add], [run(0x100, 1000)]), [500, 750, 1000]);
});

test('Helium has no estimate: nobody published what it takes', () => {
  assert.equal(cyclesOf('cortex-m33', [0xeef0, 0x0e00], [run(0x100, 1)]), null);
});

test('a profile that does not reach the last mark is none', () => {
  const whole = 'from 00000100\n00000100 3 0\nfrom 00000200\n00000200 4 1\n00000202 5 0\n';
  assert.deepEqual(readProfile(whole, 3), [
    { from: 0x100, executed: [run(0x100, 3)] },
    { from: 0x200, executed: [run(0x200, 4, 1), run(0x202, 5)] },
  ]);
  assert.equal(readProfile(whole, 4), null);
  assert.equal(readProfile(whole.slice(0, -3), 3), null);
  assert.equal(readProfile('', 3), null);
});
