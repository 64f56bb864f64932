import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { DeployError } from '../../src/errors.ts';
import { inputNames, readInputs, unknownInputs } from '../../src/github/inputs.ts';
import { outputNames, planOutputNames } from '../../src/github/outputs.ts';

const action = z
  .object({
    description: z.string(),
    inputs: z.record(z.string(), z.object({ default: z.string() })),
    outputs: z.record(z.string(), z.unknown()),
    runs: z.object({ using: z.string(), main: z.string() }),
  })
  .parse(parse(readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8')));

/** As the runner passes them: `INPUT_` and the name in upper case. */
function environment(given: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default]);
  return Object.fromEntries(entries.map(([name, value]) => [`INPUT_${name?.toUpperCase()}`, value ?? '']));
}

describe('inputs', () => {
  it('are those of action.yml, and so are the outputs', () => {
    assert.deepEqual([...inputNames], Object.keys(action.inputs));
    assert.deepEqual(Object.keys(readInputs({})), Object.keys(action.inputs));
    assert.deepEqual([...outputNames, ...planOutputNames], Object.keys(action.outputs));
    assert.deepEqual(action.runs, { using: 'node24', main: 'dist/action/index.js' });
  });

  it('come with a description that the Marketplace takes', () => {
    assert.ok(action.description.length <= 125, `${action.description.length} characters`);
  });

  it('have the defaults of action.yml', () => {
    assert.deepEqual(readInputs(environment({ 'github-token': '' })), {
      mode: 'all',
      group: '',
      groups: null,
      plan: '',
      config: undefined,
      'working-directory': '.',
      emulator: undefined,
      toolchain: undefined,
      install: true,
      baseline: true,
      'require-baseline': false,
      cache: true,
      comment: true,
      'comment-id': '',
      'accept-label': 'accept-regression',
      'fail-on-negative': true,
      artifact: 'tinyml-deploy',
      'upload-firmware': true,
      'convert-from-forks': false,
      'score-from-forks': false,
      'github-token': '',
    });
    assert.deepEqual(readInputs({}), readInputs(environment({ 'github-token': '' })));
  });

  it('are read as given', () => {
    const given = { emulator: ' both ', comment: 'FALSE', artifact: '', config: 'ml/tinyml.yml' };
    const inputs = readInputs(environment(given));
    assert.equal(inputs.emulator, 'both');
    assert.equal(inputs.comment, false);
    assert.equal(inputs.artifact, '');
    assert.equal(inputs.config, 'ml/tinyml.yml');
  });

  for (const [name, value, message] of [
    ['emulator', 'quemu', /^The input `emulator` cannot be `quemu`\. Use one of auto, .*mean qemu\?$/],
    ['comment', 'yes', /^The input `comment` cannot be `yes`\. Use `true` or `false`\.$/],
    ['artifact', 'a/b', /^The input `artifact` cannot be `a\/b`\./],
    ['install', 'a\nb', /cannot be `a\\u\{a\}b`/],
  ] as const) {
    it(`say what is wrong with ${name}: ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => readInputs(environment({ [name]: value })),
        (error) => error instanceof DeployError && error.kind === 'input' && message.test(error.message),
      );
    });
  }

  it('answer an unknown name with the nearest one', () => {
    assert.deepEqual(unknownInputs(environment({})), []);
    assert.deepEqual(unknownInputs({ INPUT_EMULATORS: 'qemu', PATH: '' }), [
      'There is no input emulators. Did you mean emulator?',
    ]);
  });
});
