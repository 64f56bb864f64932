import { examineTools, type InstallCommands, missingTools, type ToolState } from './host_tools.ts';

/** One line of `tinyml-deploy doctor`. */
export interface Finding {
  readonly name: string;
  readonly purpose: string;
  readonly version: string | null;
  /** `missing` stops a run; `absent` only takes something away. */
  readonly status: 'ok' | 'missing' | 'absent';
  /** What brings it; null where it is there. */
  readonly install: InstallCommands | null;
}

const oldestNode = 20;

/** What is on this machine and what is not, Node first. `nodeVersion` as in process.versions.node. */
export async function diagnose(
  nodeVersion: string,
  examine: () => Promise<readonly ToolState[]> = () => examineTools(),
): Promise<Finding[]> {
  const states = await examine();
  const missing = new Set(missingTools(states));
  const isNodeRecent = Number.parseInt(nodeVersion, 10) >= oldestNode;
  return [
    {
      name: 'node',
      purpose: `runs tinyml-deploy, ${oldestNode} or newer`,
      version: nodeVersion,
      status: isNodeRecent ? 'ok' : 'missing',
      install: isNodeRecent
        ? null
        : {
            debian: 'see https://nodejs.org/en/download',
            macos: 'brew install node',
            windows: 'winget install OpenJS.NodeJS.LTS',
          },
    },
    ...states.map(
      ({ tool, version }): Finding => ({
        name: tool.name,
        purpose: tool.purpose,
        version,
        status: version !== null ? 'ok' : missing.has(tool) ? 'missing' : 'absent',
        install: version === null ? tool.install : null,
      }),
    ),
  ];
}
