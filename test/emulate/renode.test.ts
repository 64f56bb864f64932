import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Firmware } from '../../src/build/firmware.ts';
import { nameOverflow, observe } from '../../src/emulate/renode.ts';
import { platformDescription, renodeScript } from '../../src/emulate/renode_script.ts';
import { DeployError } from '../../src/errors.ts';
import { findTarget, targets } from '../../src/targets/index.ts';
import { toyFirmware } from './toy_firmware.ts';

const start = `22:30:46.8648 [INFO] Loaded monitor commands from: scripts/monitor.py
Renode, version 1.16.1 (d66b0c2a-202611232151)

(monitor) i @run.resc
MARK 00000100 6443
MARK 00000200 6446
`;

test('marks and the end of a run are read from the log', () => {
  const log = `${start}MARK 00000400 5000000000\nRESULT done 00000844\nRenode is quitting\n`;
  assert.deepEqual(observe('renode', log, false, 'done 0\n'), {
    uart: 'done 0\n',
    events: [
      { address: 0x100, instructions: 6443 },
      { address: 0x200, instructions: 6446 },
      { address: 0x400, instructions: 5_000_000_000 },
    ],
    stopped: null,
    crash: null,
  });
});

test('a log with the line ends of Windows is the same', () => {
  const log = `${start}RESULT stopped 2000080c\n`;
  assert.deepEqual(
    observe('renode', log.replaceAll('\n', '\r\n'), false, ''),
    observe('renode', log, false, ''),
  );
});

test('a run that the script stopped at the time limit has its place', () => {
  const { stopped, crash } = observe('renode', `${start}RESULT stopped 2000080c\n`, false, '');
  assert.deepEqual({ stopped, crash }, { stopped: { pc: 0x2000_080c }, crash: null });
});

test('a Renode that had to be killed at the time limit has none', () => {
  const { stopped, events } = observe('renode', start, true, '');
  assert.deepEqual(stopped, { pc: null });
  assert.equal(events?.length, 2);
});

for (const [kind, fault, address] of [
  ['read', 'read of an address where nothing is', 0xa000_0000],
  ['write', 'write to an address where nothing is', 0xa000_0000],
  ['jump', 'jump to an address without code', null],
] as const)
  test(`a ${kind} of nothing is the first that the log tells`, () => {
    const log = `${start}NOWHERE ${kind} a0000000 0000080c
22:28:35.6119 [ERROR] cpu: CPU abort [PC=0xA0000000]: Trying to execute code outside RAM or ROM at 0xA0000000.
RESULT done 0000084e\n`;
    assert.deepEqual(observe('renode', log, false, '').crash, { fault, pc: 0x80c, address });
  });

test('a core that gave up ends the run without a result', () => {
  const abort = (why: string): string =>
    `${start}22:28:35.6119 [ERROR] cpu: CPU abort [PC=0x40004000]: ${why}.\n`;
  assert.deepEqual(
    observe('renode', abort('Trying to execute code outside RAM or ROM at 0x40004000'), false, '').crash,
    { fault: 'jump to an address without code', pc: 0x4000_4000, address: null },
  );
  assert.deepEqual(observe('renode', abort('Lock-up'), false, '').crash, {
    fault: 'Renode gave up: Lock-up.',
    pc: 0x4000_4000,
    address: null,
  });
});

test('a log without a result is an error, with what Renode said: it ends with code 0 even so', () => {
  const log = `${start.replaceAll(/MARK.*\n/g, '')}There was an error executing command 'machine LoadPlatformDescription @platform.repl'
Error E39: Could not find type.\n`;
  assert.throws(
    () => observe('renode', log, false, ''),
    (error: unknown) =>
      error instanceof DeployError &&
      error.kind === 'tool' &&
      error.message.includes('There was an error executing command'),
  );
  assert.throws(() => observe('renode', '', false, ''), /it printed nothing/);
  assert.throws(() => observe('renode', `${start}RESULT done 00`, false, ''), /did not run the firmware/);
});

test('an access to up to 1 MiB below RAM is a stack overflow, and nothing else is', () => {
  const map = { ram: { origin: 0x2000_0000, bytes: 0x1000 } };
  const fault = (address: number | null) => ({ kind: 'fault', fault: 'write', address, pc: 4 }) as const;
  const kind = (address: number | null) => nameOverflow(fault(address), map).kind;
  assert.deepEqual(nameOverflow(fault(0x1fff_fffc), map), { kind: 'stack-overflow', pc: 4 });
  assert.equal(kind(0x1ff0_0000), 'stack-overflow');
  assert.equal(kind(0x1fef_ffff), 'fault');
  assert.equal(kind(0x2000_0000), 'fault');
  assert.equal(kind(null), 'fault');
  assert.deepEqual(nameOverflow({ kind: 'done' }, map), { kind: 'done' });
});

/** Start and size of everything on the bus, sorted. */
function busOf(description: string): { start: number; bytes: number }[] {
  const sized = [...description.matchAll(/MappedMemory @ sysbus (0x[0-9A-F]+)\n {4}size: (0x[0-9A-F]+)/g)];
  const ranges = [...description.matchAll(/sysbus <(0x[0-9A-F]+), \+(0x[0-9A-F]+)>/g)];
  const devices = [...description.matchAll(/(?:NVIC|UART) @ sysbus (0x[0-9A-F]+)()/g)];
  return [...sized, ...ranges, ...devices]
    .map((match) => ({ start: Number(match[1]), bytes: Number(match[2] || '0x1000') }))
    .sort((a, b) => a.start - b.start);
}

for (const target of targets.values())
  test(`${target.name}: each address has one owner: a memory, a device, or the trap`, () => {
    const description = platformDescription(target.renode.cpuType, target.renode.map);
    assert.match(description, new RegExp(`cpuType: "${target.renode.cpuType.replace('+', '\\+')}"`));
    let end = 0;
    for (const { start: first, bytes } of busOf(description)) {
      assert.equal(first, end, `0x${end.toString(16)}`);
      end = first + bytes;
    }
    assert.equal(end, 2 ** 32);
  });

test('the script hooks each mark and the end, and limits the time', () => {
  const target = findTarget('cortex-m4');
  const firmware = {
    ...toyFirmware,
    target,
    map: target.renode.map,
    symbols: [...toyFirmware.symbols, { name: 'tinyml_done', address: 0x844, bytes: 8 }],
  } as unknown as Firmware;
  const script = renodeScript(firmware, 1234);
  const hooks = [...script.matchAll(/^cpu AddHook (0x[0-9A-F]+) "(.*)"$/gm)];
  assert.deepEqual(
    hooks.map((match) => Number(match[1])),
    [...firmware.marks.map(({ address }) => address), 0x844],
  );
  for (const match of hooks.slice(0, -1)) assert.match(match[2] ?? '', /MARK/);
  assert.match(hooks.at(-1)?.[2] ?? '', /IsHalted = True/);
  assert.match(script, /ElapsedMilliseconds < 1234:/);
  assert.match(script, /^sysbus LoadBinary @mailbox\.bin 0x21000000$/m);
  assert.ok(script.endsWith('\nquit\n'));
  assert.doesNotMatch(script, /Environment\.Exit/);
  assert.throws(() => renodeScript({ ...firmware, symbols: [] }, 1), /no tinyml_done/);
});
