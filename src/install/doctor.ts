import { examineTools, type InstallCommands, missingTools, type ToolState } from './host_tools.ts';

/** One line of `tinyml-deploy doctor`. */
export interface Finding {
  readonly name: string;
  readonly purpose: string;
  readonly version: string | null;
  /** `missing` stops a run, and so does what is too old; `absent` only takes something away. */
  readonly status: 'ok' | 'missing' | 'absent';
  /** What brings it; null where it is there and new enough. */
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
  const isNodeRecent = isRecent(nodeVersion, oldestNode);
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
    ...states.map(({ tool, version }): Finding => {
      const does = version !== null && isRecent(version, tool.oldest ?? 0);
      const isNeeded = version !== null || missing.has(tool);
      return {
        name: tool.name,
        purpose: tool.purpose,
        version,
        status: does ? 'ok' : isNeeded ? 'missing' : 'absent',
        install: does ? null : tool.install,
      };
    }),
  ];
}

/** A version that cannot be read is believed: the run will tell. */
function isRecent(version: string, oldest: number): boolean {
  return !(Number.parseInt(version, 10) < oldest);
}
