import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { findTarget, targets } from '../../src/targets/index.ts';
import type { MemoryMap, Region } from '../../src/targets/target.ts';

test('eight cores and two parts are known', () => {
  assert.deepEqual(
    [...targets.keys()],
    [
      'cortex-m0',
      'cortex-m0plus',
      'cortex-m3',
      'cortex-m4',
      'cortex-m4f',
      'cortex-m7',
      'cortex-m33',
      'cortex-m55',
      'stm32l4r5',
      'nrf52840',
    ],
  );
});

test('the real parts have their data sheet sizes', () => {
  const sizes = (name: string) => {
    const { part } = findTarget(name);
    return [part?.flashBytes, part?.ramBytes];
  };
  assert.deepEqual(sizes('stm32l4r5'), [2048 * 1024, 640 * 1024]);
  assert.deepEqual(sizes('nrf52840'), [1024 * 1024, 256 * 1024]);
});

test('no two memories of a map overlap', () => {
  const overlap = (a: Region, b: Region): boolean =>
    a.origin < b.origin + b.bytes && b.origin < a.origin + a.bytes;
  const check = (map: MemoryMap, name: string): void => {
    const regions = [map.flash, map.ram, map.mailbox, { origin: map.uart, bytes: 4096 }];
    regions.forEach((one, index) => {
      for (const other of regions.slice(index + 1)) assert.equal(overlap(one, other), false, name);
    });
  };
  for (const target of targets.values()) {
    check(target.qemu.map, `${target.name} on QEMU`);
    check(target.renode.map, `${target.name} on Renode`);
  }
});

test('only the M0 and M0+ are Armv6-M, and only the M55 has Helium and needs a newer Renode', () => {
  const named = (holds: (name: string) => boolean): string[] => [...targets.keys()].filter(holds);
  assert.deepEqual(
    named((name) => findTarget(name).features.v6m),
    ['cortex-m0', 'cortex-m0plus'],
  );
  assert.deepEqual(
    named((name) => findTarget(name).features.mve),
    ['cortex-m55'],
  );
  assert.deepEqual(
    named((name) => findTarget(name).renode.since !== undefined),
    ['cortex-m55'],
  );
});

test('an unknown target is an input error that names the nearest one', () => {
  assert.throws(
    () => findTarget('cortex-m4 f'),
    (error: unknown) =>
      error instanceof DeployError &&
      error.kind === 'input' &&
      error.message.includes("Did you mean 'cortex-m4f'?"),
  );
  assert.throws(
    () => findTarget('Quux'.repeat(5000)),
    (error: unknown) =>
      error instanceof DeployError && error.message.length < 400 && !error.message.includes('Did you mean'),
  );
});
