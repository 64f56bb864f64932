import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import type { Group, Named } from '../matrix/groups.ts';
import { reasonOf, uploadArtifact } from './artifact.ts';
import type { Inputs } from './inputs.ts';

/** How the jobs of one workflow run hand their measurements over: one artifact for each group. */

type Naming = Pick<Inputs, 'artifact' | 'upload-firmware'>;

/** Two configurations in one workflow keep apart by the name of their artifact. */
export function groupArtifact({ artifact }: Pick<Inputs, 'artifact'>, group: string): string {
  return `${artifact === '' ? 'tinyml-deploy' : artifact}-measurements-${group}`;
}

/** Throws a `DeployError` of kind `tool` where it can't be uploaded: without it nobody sees the figures. */
export async function uploadGroup(inputs: Naming, group: string, folder: string): Promise<void> {
  const content = inputs['upload-firmware'] && inputs.artifact !== '' ? 'everything' : 'reports';
  const { warning } = await uploadArtifact(groupArtifact(inputs, group), folder, content);
  if (warning !== '') throw new DeployError('tool', warning, {}, 'Run the job again.');
}

export interface ArrivedGroup {
  readonly id: string;
  /** What its artifact holds, unpacked. */
  readonly folder: string;
}

/**
 * Fetches what the groups of this run left, each into a folder of its own below `workFolder`, and copies their firmware
 * and libraries to where one job would have left them. A group that left nothing is not in the answer. Throws a
 * `DeployError` of kind `tool` where the artifacts can't be listed or one can't be fetched.
 */
export async function downloadGroups(
  inputs: Naming,
  groups: readonly Group<Named>[],
  workFolder: string,
  outputFolder: string,
): Promise<readonly ArrivedGroup[]> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  const client = new DefaultArtifactClient();
  const arrived: ArrivedGroup[] = [];
  try {
    const { artifacts } = await client.listArtifacts({ latest: true });
    for (const group of groups) {
      const artifact = artifacts.find(({ name }) => name === groupArtifact(inputs, group.id));
      if (artifact === undefined) continue;
      const folder = join(workFolder, group.id);
      await client.downloadArtifact(artifact.id, { path: folder });
      await keepFirmware(group, folder, outputFolder);
      arrived.push({ id: group.id, folder });
    }
  } catch (error) {
    throw new DeployError(
      'tool',
      `The measurements of the groups could not be fetched: ${printable(reasonOf(error), 200)}`,
      {},
      'Run the job again.',
    );
  }
  return arrived;
}

async function keepFirmware(group: Group<Named>, folder: string, outputFolder: string): Promise<void> {
  for (const { model, target } of group.jobs) {
    const place = join(model.name, target);
    await cp(join(folder, place), join(outputFolder, place), { recursive: true }).catch((error: unknown) => {
      // Not uploaded, or not measured.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
}
