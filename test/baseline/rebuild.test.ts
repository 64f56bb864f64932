import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { rebuildBaseline } from '../../src/baseline/rebuild.ts';
import { DeployError } from '../../src/errors.ts';
import { newRepository, temporaryFolder } from './repository.ts';

const baseOf = (commit: string) => ({ kind: 'commit', commit, how: 'the commit before' }) as const;

function twoCommits() {
  const repository = newRepository();
  mkdirSync(join(repository.folder, 'ml'));
  const before = repository.commit('base', { 'ml/model.tflite': 'old' });
  repository.commit('head', { 'ml/model.tflite': 'new' });
  return { folder: join(repository.folder, 'ml'), before };
}

describe('rebuildBaseline', () => {
  it('measures the project’s folder as it was in the base commit', async () => {
    const { folder, before } = twoCommits();
    const seen: string[] = [];
    const baseline = await rebuildBaseline(folder, baseOf(before), async (base) => {
      seen.push(readFileSync(join(base, 'model.tflite'), 'utf8'));
      return { measurements: [], limits: ['64 KiB'] };
    });
    assert.deepEqual(seen, ['old']);
    assert.deepEqual(baseline, {
      source: 'rebuilt',
      commit: before,
      note: 'It is the commit before.',
      measurements: [],
      limits: ['64 KiB'],
    });
  });

  it('notes why there is none', async () => {
    const { folder, before } = twoCommits();
    const measure = async (): Promise<never> => {
      throw new DeployError('input', 'The model is truncated.', { file: 'model.tflite' });
    };
    const note = async (...parameters: Parameters<typeof rebuildBaseline>): Promise<string> => {
      const baseline = await rebuildBaseline(...parameters);
      assert.equal(baseline.source, 'none');
      return baseline.note;
    };
    assert.equal(
      await note(folder, baseOf(before), measure),
      `The base commit ${before.slice(0, 12)} could not be measured: model.tflite: The model is truncated.`,
    );
    assert.equal(
      await note(folder, { kind: 'none', why: 'this is the first push of the branch' }, measure),
      'This is the first push of the branch.',
    );
    assert.match(
      await note(folder, baseOf('a'.repeat(40)), measure),
      /^The base commit a{12}… could not be checked out/,
    );
    assert.equal(await note(temporaryFolder(), baseOf(before), measure), 'This is no git repository.');
  });

  it('says of a base without the project what a reader can use, the same in each run', async () => {
    const { folder, before } = twoCommits();
    const noteOf = async (project: string, error: (base: string) => DeployError) =>
      (
        await rebuildBaseline(project, baseOf(before), async (base) => {
          throw error(base);
        })
      ).note;
    assert.equal(
      await noteOf(folder, () => new DeployError('input', 'There is no .tflite file.', {}, 'Add a model.')),
      `The base commit ${before.slice(0, 12)} could not be measured: There is no .tflite file.`,
    );
    assert.equal(
      await noteOf(folder, (base) => new DeployError('tool', `${join(base, 'x')} is strange.`)),
      `The base commit ${before.slice(0, 12)} could not be measured: ${join('ml', 'x')} is strange.`,
    );
    const added = join(folder, 'added');
    mkdirSync(added);
    assert.equal(
      await noteOf(added, () => assert.fail('there is nothing to measure')),
      `The base commit ${before.slice(0, 12)} has no folder ${join('ml', 'added')}.`,
    );
  });

  it('does not hide a defect of ours in a note', async () => {
    const { folder, before } = twoCommits();
    await assert.rejects(
      rebuildBaseline(folder, baseOf(before), async () => {
        throw new TypeError('x is undefined');
      }),
      TypeError,
    );
  });
});
