import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const version = 'v0.2.89';
const folder = join(homedir(), '.cache', 'tinyml-deploy-dev', 'bin');

/** `act`, which runs workflows without GitHub: from the PATH, or built once by Go into the user's cache; or why not. */
export async function findAct(): Promise<
  { readonly program: string } | { readonly program: null; readonly why: string }
> {
  const installed = await execa('act', ['--version'], { reject: false });
  if (!installed.failed) return { program: 'act' };
  const program = join(folder, 'act');
  if (existsSync(program)) return { program };
  const built = await execa('go', ['install', `github.com/nektos/act@${version}`], {
    reject: false,
    timeout: 10 * 60 * 1000,
    env: { GOBIN: folder, GOFLAGS: '-p=2' },
  });
  if (existsSync(program)) return { program };
  return { program: null, why: `act is not installed, and Go could not build it (${built.shortMessage})` };
}

/** An annotation as the runner understood it. */
export interface Annotated {
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: string;
}

/** What can be seen of one run of the workflow. */
export interface WorkflowRun {
  readonly succeeded: boolean;
  /** Exit code of the action's step; 0 when it succeeded. */
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly errors: readonly Annotated[];
  readonly warnings: readonly string[];
  readonly log: string;
}

export interface ActRequest {
  readonly program: string;
  /** The repository with the workflow. */
  readonly repository: string;
  /** A folder that holds what `uses: tinyml/deploy-action@v1` would check out. */
  readonly action: string;
  /** By default `pull_request`. */
  readonly event?: string;
  readonly eventFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly artifacts: { readonly folder: string; readonly port: number; readonly url: string };
  /** For act's own files. */
  readonly cacheFolder: string;
}

/** Runs the workflow of a repository on this machine, without containers. */
export async function runAct(request: ActRequest): Promise<WorkflowRun> {
  const { artifacts } = request;
  const result = await execa(
    request.program,
    [
      request.event ?? 'pull_request',
      '--json',
      ...['ubuntu-latest', 'ubuntu-24.04'].flatMap((label) => ['--platform', `${label}=-self-hosted`]),
      ...['--eventpath', request.eventFile],
      ...['--local-repository', `tinyml/deploy-action@v1=${request.action}`],
      ...['--artifact-server-path', artifacts.folder],
      ...['--artifact-server-addr', '127.0.0.1', '--artifact-server-port', String(artifacts.port)],
      ...['--secret', 'GITHUB_TOKEN=a-token'],
      ...Object.entries(request.environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ],
    {
      cwd: request.repository,
      reject: false,
      timeout: 5 * 60 * 1000,
      env: { XDG_CACHE_HOME: request.cacheFolder, ACTIONS_RUNTIME_URL: `${artifacts.url}/` },
    },
  );
  const lines = result.stdout.split('\n').flatMap(parseLine);
  return {
    succeeded: !result.failed,
    exitCode: exitCodeIn(lines),
    outputs: Object.fromEntries(
      lines.filter(({ command }) => command === 'set-output').map(({ name, arg }) => [name ?? '', arg ?? '']),
    ),
    summary: lines.find(({ command }) => command === 'summary')?.content ?? '',
    errors: lines
      .filter(({ command }) => command === 'error')
      .map(({ arg, kvPairs }) => ({ message: arg ?? '', ...kvPairs })),
    warnings: lines.filter(({ command }) => command === 'warning').map(({ arg }) => arg ?? ''),
    log: `${lines.map(({ msg }) => msg).join('\n')}\n${result.stderr}`,
  };
}

interface LogLine {
  readonly msg: string;
  readonly command?: string;
  readonly arg?: string;
  readonly name?: string;
  readonly content?: string;
  readonly kvPairs?: Readonly<Record<string, string>>;
}

function parseLine(line: string): LogLine[] {
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return [];
  }
}

function exitCodeIn(lines: readonly LogLine[]): number {
  for (const { msg } of lines) {
    const code = /^exit status (\d+)/.exec(msg ?? '')?.[1];
    if (code !== undefined) return Number(code);
  }
  return 0;
}
