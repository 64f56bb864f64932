import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { packResult, unpackResult, writeResultFiles } from '../../src/cache/result_entry.ts';
import { temporaryFolder } from '../baseline/repository.ts';
import { measurement } from '../report/sample.ts';

const key = 'a'.repeat(64);
const value = measurement({ failures: [] });
const wanted = { key, model: value.model.name, modelSha256: value.model.sha256, target: value.target };
const left: Readonly<Record<string, string>> = {
  'library/kws.c': 'int kws;',
  'library/tinyml/conv_2d.h': '',
  'library/kws.o': 'object',
  'firmware/firmware_model.c': '',
  'firmware.elf': 'ELF',
  'firmware.ld': '',
  'firmware-qemu.elf': 'ELF',
  'qemu/mailbox.bin': 'test data',
  'notes.txt': 'the user’s own',
};

function jobFolder(): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(left)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** An archive that says what a real one says, and more. */
const archive = (more: Record<string, Uint8Array>, record: unknown = { key, measurement: value }) =>
  zipSync({ 'measurement.json': Buffer.from(JSON.stringify(record)), ...more });

describe('a kept result', () => {
  it('holds the measurement and what people take, and nothing else', async () => {
    const entry = await packResult(key, value, jobFolder(), true);
    const result = unpackResult(entry, wanted);
    assert.ok(result !== null);
    assert.deepEqual(result.measurement, value);
    const folder = temporaryFolder();
    await writeResultFiles(result, folder);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name).slice(folder.length + 1));
    const kept = Object.keys(left).filter((name) => !/\.o$|^qemu|^notes/.test(name));
    assert.deepEqual(files.sort(), kept.sort());
    assert.equal(readFileSync(join(folder, 'library/kws.c'), 'utf8'), 'int kws;');
  });

  it('has the same bytes each time, and no firmware of a secret model', async () => {
    const folder = jobFolder();
    assert.deepEqual(await packResult(key, value, folder, true), await packResult(key, value, folder, true));
    assert.equal(unpackResult(await packResult(key, value, folder, false), wanted)?.files.size, 0);
  });

  it('is of no use for anything but the job that it is of', () => {
    assert.notEqual(unpackResult(archive({}), wanted), null, 'else the rest says nothing');
    for (const change of [
      { key: 'b'.repeat(64) },
      { model: 'other' },
      { modelSha256: 'other' },
      { target: 'other' },
    ])
      assert.equal(unpackResult(archive({}), { ...wanted, ...change }), null, JSON.stringify(change));
    const failed = { ...value, failures: [{ kind: 'hang', message: 'It hangs.' }] };
    assert.equal(unpackResult(archive({}, { key, measurement: failed }), wanted), null);
  });

  it('is of no use when somebody else made it', () => {
    const evil = Buffer.from('evil');
    for (const name of [
      '../evil.c',
      'library/../../evil.c',
      '/etc/evil.c',
      'library\\..\\evil.c',
      'library/.hidden.c',
      'evil.sh',
      'firmware.elf/evil.c',
    ])
      assert.equal(unpackResult(archive({ [name]: evil }), wanted), null, name);
    assert.equal(unpackResult(archive({}, { key, measurement: { ...value, more: 1 } }), wanted), null);
    assert.equal(unpackResult(archive({}, 'no record'), wanted), null);
    assert.equal(unpackResult(Buffer.from('no archive'), wanted), null);
    assert.equal(unpackResult(archive({}).subarray(0, 60), wanted), null);
  });

  it('is not unpacked when it is a bomb', () => {
    const bomb = archive({ 'firmware.elf': new Uint8Array(49 * 1024 * 1024) });
    assert.ok(bomb.length < 200_000);
    assert.equal(unpackResult(bomb, wanted), null);
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`library/f${at}.c`, evilByte]));
    assert.equal(unpackResult(archive(many), wanted), null);
  });
});

const evilByte = new Uint8Array(1);
