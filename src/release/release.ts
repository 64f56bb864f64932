import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { renderBillOfMaterials } from './bill_of_materials.ts';
import { renderChecksums } from './checksums.ts';
import { type Deployment, type DeploymentSource, writeDeployment } from './deployment.ts';
import { describeFile, type ReleaseFile } from './file.ts';
import { renderNotes } from './notes.ts';
import { byName } from './order.ts';
import { checksumsName, notesName, replaceFolder } from './replace_folder.ts';

export interface ReleaseRequest extends DeploymentSource {
  /** Passed; `run.at` is the time that the release carries. */
  readonly report: Report;
  /** Takes the files, flat; replaced as a whole. Its parent exists. */
  readonly folder: string;
}

/**
 * Everything that belongs to a release, into one flat folder, whole or not at all; returns its files, sorted. The same
 * report, compiler and tool give the same bytes. Throws DeployError for a report that did not pass (`input`) and for a
 * disk that refuses (`tool`).
 */
export async function writeRelease(request: ReleaseRequest): Promise<readonly ReleaseFile[]> {
  if (request.report.verdict.status !== 'pass')
    throw new DeployError('input', 'The verdict is negative, so there is nothing to release.');
  try {
    return await replaceFolder(request.folder, (folder) => fill(folder, request));
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new DeployError(
        'tool',
        `The release could not be written (${String(error.code)}).`,
        { file: request.folder },
        'Look at the disk and its permissions; what was there before is untouched.',
      );
    throw error;
  }
}

async function fill(folder: string, request: ReleaseRequest): Promise<ReleaseFile[]> {
  const { report } = request;
  const deployments: Deployment[] = [];
  for (const measurement of report.measurements)
    deployments.push(await writeDeployment(measurement, request, folder));
  const write = async (name: string, text: string): Promise<ReleaseFile> => {
    await writeFile(join(folder, name), text);
    return describeFile(name, text);
  };
  const files = [
    ...deployments.flatMap(({ firmware, library }) => [...firmware, library]),
    await write('report.json', renderJson(report)),
    await write('report.html', renderHtml(report)),
    await write('bom.cdx.json', renderBillOfMaterials(report, deployments)),
  ];
  const around = [
    await write(checksumsName, renderChecksums(files)),
    await write(notesName, renderNotes(report, deployments)),
  ];
  return byName([...files, ...around], ({ name }) => name);
}
