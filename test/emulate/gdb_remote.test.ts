import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { countByDebugger, instructionCount } from '../../src/emulate/debugger_counts.ts';
import { encodePacket, openSession, takePacket } from '../../src/emulate/gdb_remote.ts';
import { DeployError } from '../../src/errors.ts';

/** Answers each packet with the next of the answers, a packet or several; then hangs up. */
function stub(...answers: readonly (readonly string[])[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked: string[] = [];
  const left = [...answers];
  let heard = '';
  input.on('data', (chunk) => {
    heard += String(chunk);
    for (let taken = takePacket(heard); taken !== null; taken = takePacket(heard)) {
      heard = taken.rest;
      asked.push(taken.packet);
      const answer = left.shift();
      if (answer === undefined) output.destroy();
      else for (const packet of answer) output.write(`+${encodePacket(packet)}`);
    }
  });
  return { session: openSession(input, output), asked };
}

test('a packet carries the sum of its bytes', () => {
  assert.equal(encodePacket('OK'), '$OK#9a');
  assert.deepEqual(takePacket('++$T05thread:01;#07$rest'), { packet: 'T05thread:01;', rest: '$rest' });
  assert.equal(takePacket('$T05'), null);
});

test('the count is read from what the monitor prints', () => {
  assert.equal(instructionCount("Recording execution 'recording.bin': instruction count = 6965\n"), 6965);
  assert.equal(instructionCount("unknown command: 'info replay'\n"), null);
});

/** All registers as the stub sends them: R15 after fifteen others. */
const registers = (pc: string): string => `${'00'.repeat(4 * 15)}${pc}${'00'.repeat(4)}`;
const hex = (text: string): string => Buffer.from(text).toString('hex');

test('each mark is one event, and a target that has gone is the end', async () => {
  const { session, asked } = stub(
    ['OK'],
    ['T05'],
    [registers('28080000')],
    [`O${hex('instruction ')}`, `O${hex('count = 42')}`, 'OK'],
    ['T05'],
    ['W00'],
  );
  assert.deepEqual(await countByDebugger(session, [0x828], () => false), {
    events: [{ address: 0x828, instructions: 42 }],
    pc: null,
  });
  assert.deepEqual(asked, ['Z0,828,2', 'c', 'g', `qRcmd,${hex('info replay')}`, 's', 'c']);
});

test('a run that was interrupted tells where', async () => {
  const { session } = stub(['OK'], ['T02'], [registers('0a030000')]);
  assert.deepEqual(await countByDebugger(session, [0x828], () => true), { events: [], pc: 0x30a });
});

test('a QEMU that tells no count is an error that names the remedy', async () => {
  const { session } = stub(['OK'], ['T05'], [registers('28080000')], ['OK']);
  await assert.rejects(
    countByDebugger(session, [0x828], () => false),
    (error: unknown) => error instanceof DeployError && error.message.includes('apt-get install gcc'),
  );
});

test('a connection that ends is an answer too', async () => {
  const { session } = stub(['OK']);
  assert.deepEqual(await countByDebugger(session, [0x828], () => false), { events: [], pc: null });
});
