import { targets } from '../../src/targets/index.ts';
import { code, markdownTable } from './table.ts';

/** Every target with its memory, how the compiler is told, and what emulates it. */
export function targetTable(): string {
  const rows = [...targets.values()].map(({ name, title, part, compilerFlags, qemu, renode }) => [
    code(name),
    title,
    part === null ? '—' : memory(part.flashBytes),
    part === null ? '—' : memory(part.ramBytes),
    code(compilerFlags.filter((flag) => flag !== '-mthumb').join(' ')),
    code(qemu.machine),
    renode.since === undefined ? code(renode.cpuType) : `${code(renode.cpuType)}, from ${renode.since}`,
  ]);
  return markdownTable(
    ['Target', 'Core or part', '>Flash', '>RAM', 'Compiler flags', 'QEMU machine', 'Renode core'],
    rows,
  );
}

function memory(bytes: number): string {
  const KiB = 1024;
  return bytes % (KiB * KiB) === 0 ? `${bytes / KiB / KiB} MiB` : `${bytes / KiB} KiB`;
}
