import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeBinaries } from '../../src/build/binary.ts';
import { build, linkFirmware } from '../../src/build/build.ts';
import { archiveLibrary, compileObjects } from '../../src/build/compile.ts';
import { readElf } from '../../src/build/elf.ts';
import { memoryNeeds, tooBig } from '../../src/build/sizes.ts';
import { checkArmv6M } from '../../src/build/v6m.ts';
import type { Sources } from '../../src/codegen/sources.ts';
import { DeployError } from '../../src/errors.ts';
import { findTarget, targets } from '../../src/targets/index.ts';
import { toySources } from '../fixtures/toy/toy.ts';
import { crossCompiler, runtimeFolder } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-build-'));
after(() => rm(folder, { recursive: true, force: true }));

for (const target of targets.values())
  test(`${target.name}: the parts add up to the image, and layers own their bytes`, async (t) => {
    const toolchain = await crossCompiler(t);
    if (toolchain === null) return;
    const firmware = await build(toySources(), target, target.renode.map, {
      folder: join(folder, target.name),
      toolchain,
      runtimeFolder,
    });
    const { code, weights, tables, runtime, harness } = firmware.flash;
    const { bin } = await writeBinaries(firmware, toolchain);
    const image = (await readFile(bin)).length;
    const flashSections = firmware.sections.filter((section) => section.memory !== 'ram');
    const bytes = flashSections.reduce((sum, section) => sum + section.bytes, 0);
    assert.equal(code + weights + tables + runtime + harness, bytes);
    // Between two sections lies less than the later one's alignment, 8 bytes at most.
    assert.ok(image >= bytes && image - bytes < 8 * flashSections.length, `${image} for ${bytes}`);

    const segments = readElf(await readFile(firmware.elf)).segments;
    const loaded = segments.reduce((sum, segment) => sum + segment.fileBytes, 0);
    assert.ok(loaded >= bytes && loaded - bytes < 8 * flashSections.length, `${loaded} loaded for ${bytes}`);

    assert.equal(firmware.ram.arena, 64);
    assert.equal(firmware.ram.data, 8, 'two variables of the model');
    assert.equal(weights, 32);
    assert.deepEqual(
      firmware.layers.map((layer) => [layer.weights, layer.tables]),
      [
        [32, 0],
        [0, 0],
        [0, 32],
      ],
    );
    const layerCode = firmware.layers.reduce((sum, layer) => sum + layer.code, 0);
    assert.ok(layerCode > 80 && layerCode < code, `${layerCode} of ${code}`);
    assert.deepEqual(tooBig(memoryNeeds(firmware)), []);
    assert.deepEqual(
      firmware.marks.map((mark) => mark.name),
      ['toy_invoke', ...toySources().layerSymbols, 'tinyml_measure_end'],
    );
  });

test('run-time library code that the model pulls in is on its own account', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const flash = async (name: string) => {
    const target = findTarget(name);
    const options = { folder: join(folder, `runtime-${name}`), toolchain, runtimeFolder };
    return (await build(toySources(), target, target.qemu.map, options)).flash;
  };
  assert.ok((await flash('cortex-m0')).runtime > 0, 'memcpy is a call on the M0');
  assert.equal((await flash('cortex-m4')).runtime, 0);
});

test('the same sources give the same bytes in another folder', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('cortex-m7');
  const made = async (name: string) => {
    const objects = await compileObjects(toySources(), target, {
      folder: join(folder, name),
      toolchain,
      runtimeFolder,
    });
    const firmware = await linkFirmware(objects, target.qemu.map);
    return [await readFile(firmware.elf), await readFile(await archiveLibrary(objects))];
  };
  assert.deepEqual(await made('here'), await made('a longer name/there, with spaces'));
});

test('one set of objects is linked for two maps; code is where each map has flash', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('stm32l4r5');
  const objects = await compileObjects(toySources(), target, {
    folder: join(folder, 'two-maps'),
    toolchain,
    runtimeFolder,
  });
  const renode = await linkFirmware(objects, target.renode.map, { label: 'renode' });
  const qemu = await linkFirmware(objects, target.qemu.map, { label: 'qemu' });
  const offsets = (firmware: typeof qemu) =>
    firmware.marks.map((mark) => mark.address - firmware.map.flash.origin);
  assert.ok((renode.marks[0]?.address ?? 0) > 0x0800_0000);
  assert.deepEqual(offsets(renode), offsets(qemu));
  assert.deepEqual(renode.flash, qemu.flash);
});

test('a model larger than the part gives numbers, not a wall of text', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('nrf52840');
  const large = changed('#define TOY_ARENA_BYTES 64', '#define TOY_ARENA_BYTES 300000');
  const firmware = await build(large, target, target.renode.map, {
    folder: join(folder, 'large'),
    toolchain,
    runtimeFolder,
  });
  const [clause, ...others] = tooBig(memoryNeeds(firmware));
  assert.match(clause ?? '', /^needs 308,7\d\d of 262,144 bytes of RAM$/);
  assert.deepEqual(others, []);
});

test('C that does not compile is one sentence with the first complaint', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('cortex-m3');
  const broken = changed('count_down();', 'count_up();');
  await assert.rejects(
    build(broken, target, target.qemu.map, { folder: join(folder, 'broken'), toolchain, runtimeFolder }),
    (error: unknown) =>
      error instanceof DeployError &&
      error.kind === 'tool' &&
      error.message.includes('toy.c:') &&
      error.message.includes('count_up') &&
      !error.message.includes('\n'),
  );
});

test('bytes in a section of their own are on nobody’s account, and refused', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('cortex-m3');
  const odd = changed('uint8_t toy_arena', '__attribute__((section(".odd"))) uint8_t toy_arena');
  await assert.rejects(
    build(odd, target, target.qemu.map, { folder: join(folder, 'odd'), toolchain, runtimeFolder }),
    /section \.odd of the firmware is on nobody's account/,
  );
});

test('a Thumb-2 ELF is refused as Armv6-M, and the error says where', async (t) => {
  const toolchain = await crossCompiler(t);
  if (toolchain === null) return;
  const target = findTarget('cortex-m3');
  const firmware = await build(toySources(), target, target.qemu.map, {
    folder: join(folder, 'thumb2'),
    toolchain,
    runtimeFolder,
  });
  const elf = readElf(await readFile(firmware.elf));
  assert.throws(
    () => checkArmv6M(elf),
    /instruction\(s\) that Armv6-M does not have, the first \(.*\) at 0x/,
  );
});

/** The toy with a piece of its text replaced. */
function changed(from: string, to: string): Sources {
  const sources = toySources();
  return {
    ...sources,
    library: sources.library.map((file) => ({ ...file, text: file.text.replace(from, to) })),
  };
}
