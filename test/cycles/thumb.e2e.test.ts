import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { execa } from 'execa';
import { decodeThumb, type Kind, kinds } from '../../src/cycles/thumb.ts';
import { crossCompiler } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-thumb-'));
after(() => rm(folder, { recursive: true, force: true }));

/** Assembly, the kind that it must be read as, and how many registers it moves. The assembler gives the encodings. */
const narrow: readonly (readonly [string, Kind, number?])[] = [
  ['adds r0, r1, r2', 'single'],
  ['mov r8, r0', 'single'],
  ['muls r0, r1', 'multiply'],
  ['ldr r0, [r1, #4]', 'load'],
  ['ldr r0, [r1, r2]', 'load'],
  ['ldrsb r0, [r1, r2]', 'load'],
  ['ldrh r0, [r1, #2]', 'load'],
  ['ldr r0, [sp, #8]', 'load'],
  ['ldr r0, [pc, #8]', 'load'],
  ['str r0, [r1, r2]', 'store'],
  ['strb r0, [r1, #3]', 'store'],
  ['str r0, [sp, #8]', 'store'],
  ['push {r4, r5, lr}', 'store-multiple', 3],
  ['pop {r4, pc}', 'load-multiple', 2],
  ['ldmia r0!, {r1, r2, r3}', 'load-multiple', 3],
  ['stmia r0!, {r1, r2}', 'store-multiple', 2],
  ['b .', 'branch'],
  ['bne .', 'conditional-branch'],
  ['bl .', 'call'],
  ['bx lr', 'branch-register'],
  ['blx r3', 'call-register'],
  ['mov pc, r0', 'branch-register'],
  ['nop', 'single'],
  ['mrs r0, primask', 'special'],
  ['dmb', 'special'],
];

const wide: readonly (readonly [string, Kind, number?])[] = [
  ['cbz r0, . + 8', 'compare-branch'],
  ['it eq\n moveq r0, r1', 'it'],
  ['ldr r8, [r9, #400]', 'load'],
  ['ldr r0, [r1], #4', 'load'],
  ['ldrsh r0, [r1, r2, lsl #1]', 'load'],
  ['ldr pc, [r0]', 'load-pc'],
  ['ldrd r0, r1, [r2, #8]', 'load-double'],
  ['ldrd r0, r1, [r2], #8', 'load-double'],
  ['strd r0, r1, [r2]', 'store-double'],
  ['ldmdb r0, {r1, r8}', 'load-multiple', 2],
  ['stmia r0, {r1, r2, r8, r9}', 'store-multiple', 4],
  ['str r8, [r9, r10]', 'store'],
  ['strh r8, [r9], #2', 'store'],
  ['ldrex r0, [r1]', 'load'],
  ['pld [r0, #4]', 'single'],
  ['tbb [pc, r0]', 'table-branch'],
  ['b.w .', 'branch'],
  ['bne.w .', 'conditional-branch'],
  ['mul r0, r1, r2', 'multiply'],
  ['mla r0, r1, r2, r3', 'multiply-accumulate'],
  ['mls r0, r1, r2, r3', 'multiply-accumulate'],
  ['smull r0, r1, r2, r3', 'multiply-long'],
  ['umull r0, r1, r2, r3', 'multiply-long'],
  ['smlal r0, r1, r2, r3', 'multiply-accumulate-long'],
  ['umlal r0, r1, r2, r3', 'multiply-accumulate-long'],
  ['sdiv r0, r1, r2', 'divide'],
  ['udiv r0, r1, r2', 'divide'],
  ['smlad r0, r1, r2, r3', 'multiply-dsp'],
  ['smuad r0, r1, r2', 'multiply-dsp'],
  ['smlabb r0, r1, r2, r3', 'multiply-dsp'],
  ['smlald r0, r1, r2, r3', 'multiply-dsp'],
  ['smmulr r0, r1, r2', 'multiply-dsp'],
  ['sxtb16 r0, r1, ror #8', 'single'],
  ['pkhbt r0, r1, r2, lsl #16', 'single'],
  ['ssat r0, #8, r1', 'single'],
  ['ubfx r0, r1, #3, #4', 'single'],
  ['movw r0, #4660', 'single'],
  ['nop.w', 'single'],
  ['msr basepri, r0', 'special'],
  ['vadd.f32 s0, s1, s2', 'float'],
  ['vmov r0, s0', 'float'],
  ['vfma.f32 s0, s1, s2', 'float-multiply-accumulate'],
  ['vdiv.f32 s0, s1, s2', 'float-divide'],
  ['vsqrt.f32 s0, s1', 'float-divide'],
  ['vldr s0, [r0]', 'float-load', 1],
  ['vstmia r0, {s0-s3}', 'float-store', 4],
];

const helium: readonly (readonly [string, Kind, number?])[] = [
  ['vmladava.s8 r0, q0, q1', 'vector'],
  ['vldrb.8 q0, [r0]', 'vector'],
  ['vadd.i32 q0, q1, q2', 'vector'],
  ['vmov q0[2], q0[0], r1, r2', 'vector'],
];

const sets = { 'cortex-m0': narrow, 'cortex-m4': [...narrow, ...wide], 'cortex-m55': helium } as const;
const fpu = { 'cortex-m0': 'soft', 'cortex-m4': 'hard', 'cortex-m55': 'hard' } as const;

for (const core of ['cortex-m0', 'cortex-m4', 'cortex-m55'] as const)
  test(`instructions that the assembler makes for ${core} are read as what they are`, async (t) => {
    const toolchain = await crossCompiler(t);
    if (toolchain === null) return;
    const lines = sets[core];
    const source = join(folder, `${core}.s`);
    const object = join(folder, `${core}.o`);
    const raw = join(folder, `${core}.bin`);
    // Each begins at a multiple of 8 bytes.
    const text = lines.map(([line]) => `.balign 8\n ${line}`).join('\n');
    await writeFile(source, `.syntax unified\n.thumb\n.text\n${text}\n`);
    const flags = core === 'cortex-m4' ? ['-mfpu=fpv4-sp-d16'] : core === 'cortex-m55' ? ['-mfpu=auto'] : [];
    await execa(toolchain.gcc, [
      ...[`-mcpu=${core}`, '-mthumb', `-mfloat-abi=${fpu[core]}`, ...flags],
      ...['-c', source, '-o', object],
    ]);
    await execa(toolchain.objcopy, ['-O', 'binary', '-j', '.text', object, raw]);
    const code = await readFile(raw);
    for (const [index, [line, kind, registers = 0]] of lines.entries()) {
      const at = index * 8;
      const second = at + 4 <= code.length ? code.readUInt16LE(at + 2) : 0;
      const read = decodeThumb(code.readUInt16LE(at), second);
      assert.equal(read.kind, kind, line);
      assert.equal(read.registers, registers, line);
    }
  });

test('every kind of instruction is among those tried', () => {
  const tried = new Set(Object.values(sets).flatMap((lines) => lines.map(([, kind]) => kind)));
  assert.deepEqual(
    kinds.filter((kind) => !tried.has(kind)),
    [],
  );
});
