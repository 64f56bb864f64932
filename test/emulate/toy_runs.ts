import { readdir, readFile, readlink } from 'node:fs/promises';

/** What the toy is given, and which of its layers misbehaves when asked to. */
export const toySamples: readonly Uint8Array[] = [0, 100, 200].map((start) =>
  Uint8Array.from({ length: 16 }, (_, i) => start + 3 * i),
);
export const faultyLayer = 'toy_layer_01_count';

/** Processes whose arguments or environment name this folder, by their number; where they are now says nothing, as Renode moves. */
export async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    for (const file of ['cmdline', 'environ']) {
      const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      if (text.includes(folder) && !found.includes(Number(pid))) found.push(Number(pid));
    }
  return found;
}

/** TCP ports on which these processes listen. */
export async function listeningPorts(processes: readonly number[]): Promise<number[]> {
  const sockets = new Set<string>();
  for (const pid of processes)
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
  const ports: number[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === '0A' && sockets.has(inode)) ports.push(Number.parseInt(local.split(':')[1] ?? '', 16));
    }
  }
  return ports;
}
