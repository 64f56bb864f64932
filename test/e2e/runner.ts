import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ActRequest, Annotated, WorkflowRun } from './act.ts';

/**
 * Where there is no act: the packed action alone, with the runner's variables and files. It shows less than act
 * does: neither the workflow's syntax, nor how the runner reads action.yml, nor the artifact.
 */
export async function runDirectly(
  request: Omit<ActRequest, 'program' | 'artifacts'>,
  inputs: Readonly<Record<string, string>>,
): Promise<WorkflowRun> {
  const temporary = mkdtempSync(join(request.cacheFolder, 'runner-'));
  const files = { GITHUB_OUTPUT: join(temporary, 'output'), GITHUB_STEP_SUMMARY: join(temporary, 'summary') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const result = await execa(process.execPath, [join(request.action, 'dist', 'action', 'index.js')], {
    cwd: request.repository,
    reject: false,
    env: {
      ...files,
      ...request.environment,
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      GITHUB_EVENT_PATH: request.eventFile,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_WORKSPACE: request.repository,
      RUNNER_TEMP: temporary,
    },
  });
  const commands = [...result.stdout.matchAll(/^::(error|warning)(?: ([^:]*))?::(.*)$/gm)];
  return {
    succeeded: !result.failed,
    exitCode: result.exitCode ?? -1,
    outputs: parseOutputs(readFileSync(files.GITHUB_OUTPUT, 'utf8')),
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    errors: commands
      .filter(([, command]) => command === 'error')
      .map(([, , properties = '', message = '']) => ({
        message: decoded(message),
        ...parseProperties(properties),
      })),
    warnings: commands
      .filter(([, command]) => command === 'warning')
      .map(([, , , message = '']) => decoded(message)),
    log: `${result.stdout}\n${result.stderr}`,
  };
}

function parseProperties(text: string): Omit<Annotated, 'message'> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), decoded(pair.slice(pair.indexOf('=') + 1))]),
  );
}

/** Commands carry `%`, line ends, and in properties `:` and `,` percent-encoded. */
function decoded(text: string): string {
  return decodeURIComponent(text.replace(/%(?!25|0A|0D|3A|2C)/g, '%25'));
}

function parseOutputs(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, name = '', , value = '']) => [name, value],
    ),
  );
}
