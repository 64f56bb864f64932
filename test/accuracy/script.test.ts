import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ScriptSamples } from '../../src/accuracy/evaluate.ts';
import type { Labels } from '../../src/accuracy/labels.ts';
import { runScript } from '../../src/accuracy/script.ts';
import { DeployError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/graph.ts';

const quantization = { scales: [1], zeroPoints: [0], axis: 0 };
const graph = {
  source: { file: 'net.tflite' },
  tensors: [
    { index: 0, name: 'in', type: 'int8', shape: [1, 2, 3], quantization, data: null },
    { index: 1, name: 'out', type: 'int8', shape: [1, 2], quantization, data: null },
  ],
  inputs: [0],
  outputs: [1],
} as unknown as Graph;

const samples: ScriptSamples = {
  indices: [0, 2],
  inputs: (at) => [at === 0 ? Float64Array.of(1, 2, 3, 4, 5, 6) : Float64Array.of(6, 5, 4, 3, 2, 1)],
  outputs: (at) => [at === 0 ? Float64Array.of(0.5, 1.5) : Float64Array.of(-1, 2)],
};
const labels: Labels = { file: 'y.npy', areIntegers: true, elements: 1, values: Float64Array.of(7, 8, 9) };

describe('runScript', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tinyml-script-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = (source: string, { timeLimitSeconds = 60, isAllowed = true } = {}) => {
    writeFileSync(join(folder, 'score.mjs'), source);
    const command = [process.execPath, 'score.mjs', 'an argument; with $signs'];
    const environment = { PATH: process.env.PATH, GITHUB_TOKEN: 'secret', HOME: folder };
    const place = { folder, workFolder: join(folder, 'work'), environment, isAllowed };
    return runScript(graph, { kind: 'script', command, timeLimitSeconds }, samples, { labels }, place);
  };
  const refused = async (what: RegExp, source: string, options = {}) => {
    await assert.rejects(run(source, options), (error: Error) => {
      assert.ok(error instanceof DeployError && error.kind === 'input', String(error));
      assert.match(error.message, what);
      return true;
    });
    assert.ok(!existsSync(join(folder, 'work')), 'nothing is left');
  };
  const print = (result: unknown) =>
    `console.log('one line');\nconsole.log(${JSON.stringify(JSON.stringify(result))});`;

  it('takes the number that the program prints last', async () => {
    const score = await run(print({ name: 'IoU', value: 0.713, higher_is_better: true }));
    assert.deepEqual(score, { name: 'IoU', value: 0.713, unit: 'number', better: 'more' });
    const error = await run(print({ name: 'MAPE', value: 7.1, higher_is_better: false, unit: '%' }));
    assert.deepEqual(error, { name: 'MAPE', value: 7.1, unit: 'number', better: 'less' });
    const share = await run(print({ name: 'recall', value: 93.5, higher_is_better: true, unit: '%' }));
    assert.deepEqual(share, { name: 'recall', value: 93.5, unit: 'percent', better: 'more' });
    assert.ok(!existsSync(join(folder, 'work')));
  });

  it('gives it outputs, inputs and labels as NumPy files, in a folder that is its last argument', async () => {
    const source = `
      import { readFileSync, readdirSync } from 'node:fs';
      const folder = process.argv.at(-1);
      const read = (name, array) => {
        const bytes = readFileSync(folder + '/' + name);
        const header = bytes.readUInt16LE(8);
        if ((10 + header) % 64 !== 0) throw new Error('not aligned');
        const data = new Uint8Array(bytes.subarray(10 + header)).buffer;
        return bytes.toString('latin1', 10, 10 + header).trim() + [...new array(data)].join();
      };
      console.error([process.argv[2], readdirSync(folder).join(), read('output_0.npy', Float32Array),
        read('input_0.npy', Float32Array), read('labels.npy', Int32Array)].join(' | '));
      process.exit(3);`;
    await refused(
      new RegExp(
        [
          'failed with exit code 3\\. It ended with:\n  an argument; with \\$signs',
          'input_0\\.npy,labels\\.npy,output_0\\.npy',
          "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(2, 2\\), \\}0\\.5,1\\.5,-1,2",
        ].join(' \\| '),
      ),
      source,
    );
    await refused(
      /\(2, 2, 3\), \}1,2,3,4,5,6,6,5,4,3,2,1/,
      source.replace("process.argv[2], readdirSync(folder).join(), read('output_0.npy', Float32Array),", ''),
    );
    await refused(/'<i4', .*\(2,\), \}7,9/, source.replace(/process.argv\[2\][\s\S]*?(?=read\('labels)/, ''));
  });

  it('passes on what a program needs to run, and no token', async () => {
    await refused(
      /\n {2}GITHUB_TOKEN=undefined HOME=.*tinyml-script-/,
      `
      console.error('GITHUB_TOKEN=' + process.env.GITHUB_TOKEN + ' HOME=' + process.env.HOME);
      process.exit(1);`,
    );
  });

  it('does not run on a pull request from a fork', async () => {
    await refused(
      /does not run on a pull request from a fork\. A maintainer can allow it by `score-from-forks: true`/,
      `
      import { writeFileSync } from 'node:fs';
      writeFileSync('ran', '');`,
      { isAllowed: false },
    );
    assert.ok(!existsSync(join(folder, 'ran')));
  });

  it('shows the last lines of one that fails, and ends one that takes too long', async () => {
    await refused(
      /failed with exit code 1\. It ended with:\n.*Error: no such metric/s,
      `throw new Error('no such metric');`,
    );
    await refused(/did not end within 1 s\. Raise `accuracy: time-limit:`/, 'setInterval(() => {}, 1000);', {
      timeLimitSeconds: 1,
    });
  });

  it('refuses any other last line', async () => {
    await refused(/did not end with a line of JSON .*, but with: nothing\./, '');
    await refused(/but with: 0\.5\. Print for example/, 'console.log(0.5);');
    await refused(
      /but with: \{"name":"a","value":"b"/,
      print({ name: 'a', value: 'b', higher_is_better: true }),
    );
    await refused(
      /but with: \{"value":null/,
      print({ value: Number.NaN, name: 'a', higher_is_better: true }),
    );
  });
});
