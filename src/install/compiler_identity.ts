import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join, relative } from 'node:path';

/** Where a GNU toolchain for Arm keeps what decides its code, from the folder above its `bin`: Debian's, then Arm's layout. */
const folders = [
  'lib/gcc/arm-none-eabi',
  'libexec/gcc/arm-none-eabi',
  'lib/arm-none-eabi',
  'arm-none-eabi/bin',
  'arm-none-eabi/lib',
];
const program = 'arm-none-eabi-gcc';

/** Which toolchain is on a PATH. */
export type CompilerFound =
  /** `isPackaged`: probably the distribution's, whose packages say as much as its files. */
  | { readonly kind: 'identified'; readonly identity: string; readonly isPackaged: boolean }
  /** A wrapper: what is behind it cannot be seen. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing' };

/** What Debian's and Ubuntu's toolchain consists of. */
export const compilerPackages = [
  'binutils-arm-none-eabi',
  'gcc-arm-none-eabi',
  'libnewlib-arm-none-eabi',
  'libnewlib-dev',
] as const;

/**
 * Tells apart the toolchains on the PATH without starting them: the compiler proper, its assembler and linker, and the
 * C library by place, size and time. A wrapper (ccache) hides those: such a compiler might change unnoticed.
 */
export async function findCompiler(path: string): Promise<CompilerFound> {
  const driver = await onPath(path);
  if (driver === null) return { kind: 'missing' };
  const root = dirname(dirname(driver));
  const files = (await Promise.all(folders.map((folder) => filesBelow(join(root, folder))))).flat();
  const has = (pattern: RegExp) => files.some((file) => pattern.test(file));
  if (!has(/[/\\]cc1(\.exe)?$/) || !has(/[/\\]libc_nano\.a$/)) return { kind: 'unknown' };
  const described = await Promise.all(
    [driver, ...files.sort()].map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return `${relative(root, file)} ${size} ${Math.floor(mtimeMs / 1000)}`;
    }),
  );
  const identity = createHash('sha256').update(described.join('\n')).digest('hex');
  return { kind: 'identified', identity, isPackaged: root === '/usr' };
}

async function onPath(path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((part) => part !== ''))
    for (const name of [program, `${program}.exe`]) {
      const file = join(folder, name);
      const found = await stat(file).catch(() => null);
      if (found?.isFile() === true) return await realpath(file);
    }
  return null;
}

/** Without headers, of which there are thousands, and which change together with the library. */
async function filesBelow(folder: string): Promise<string[]> {
  const real = await realpath(folder).catch(() => folder);
  const entries = await readdir(real, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.h'))
    .map((entry) => join(entry.parentPath, entry.name));
}
