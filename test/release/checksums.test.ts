import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesInChecksums, renderChecksums } from '../../src/release/checksums.ts';
import { describeFile } from '../../src/release/file.ts';

describe('SHA256SUMS', () => {
  it('has a line per file, sorted, as sha256sum writes it', () => {
    assert.equal(
      renderChecksums([describeFile('b.elf', 'abc'), describeFile('a.elf', '')]),
      `e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.elf
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.elf
`,
    );
  });
  it('is read back, and names no file of another folder', () => {
    const text = renderChecksums([describeFile('a.elf', ''), describeFile('b.elf', '')]);
    assert.deepEqual(namesInChecksums(text), ['a.elf', 'b.elf']);
    assert.deepEqual(namesInChecksums(text.replace('a.elf', '../a.elf')), ['b.elf']);
    assert.deepEqual(namesInChecksums('a.elf\n\n'), []);
  });
});
