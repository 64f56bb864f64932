import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packDist } from './packed_dist.ts';

const root = join(import.meta.dirname, '..', '..');
const workflows = join('.github', 'workflows');

/**
 * A folder that holds what `uses: tinyml/deploy-action…@v1` checks out, packed from the sources as they are, for act's
 * `--local-repository`. act does not know `$/` yet, which the reusable workflows use for the action beside them.
 */
export async function packedRepository(folder: string): Promise<void> {
  for (const part of ['action.yml', 'runtime', 'package.json', 'LICENSE', join('.github', 'actions')])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, workflows), { recursive: true });
  for (const name of ['deploy.yml', 'deploy-release.yml']) {
    const text = readFileSync(join(root, workflows, name), 'utf8');
    const own = 'tinyml/deploy-action/.github/actions/deploy@v1';
    const adapted = text.replaceAll('uses: $/.github/actions/deploy', `uses: ${own}`);
    assert.notEqual(adapted, text, `${name} uses the action beside it`);
    writeFileSync(join(folder, workflows, name), adapted);
  }
  await packDist(join(folder, 'dist'));
}
