import { type Ask, askProgram } from './host_tools.ts';

/** Versions of Debian's and Ubuntu's packages: those that are here, and those that apt-get would bring. */

/**
 * `name=version` of each, sorted, as `dpkg` has them installed, else as `apt-get install` would choose them by the lists
 * that are here; null where one is neither. No list is fetched: whether apt-get really brought these is to be asked again
 * after it did.
 */
export async function packageVersions(
  names: readonly string[],
  mayInstall: boolean,
  ask: Ask = askProgram,
): Promise<string | null> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: for dpkg-query
  const format = '${Package} ${Version} ${db:Status-Status}\\n';
  const installed = installedIn((await ask('dpkg-query', ['-W', '-f', format, ...names])) ?? '');
  const missing = names.filter((name) => !installed.has(name));
  const candidates =
    missing.length === 0 || !mayInstall
      ? new Map<string, string>()
      : candidatesIn((await ask('apt-cache', ['policy', ...missing])) ?? '');
  const versions = names.map((name) => [name, installed.get(name) ?? candidates.get(name)] as const);
  if (versions.some(([, version]) => version === undefined)) return null;
  return versions
    .map(([name, version]) => `${name}=${version}`)
    .sort()
    .join(' ');
}

function installedIn(answer: string): Map<string, string> {
  const lines = answer.split('\n').map((line) => line.split(' '));
  return new Map(
    lines.flatMap(([name = '', version = '', status]) => (status === 'installed' ? [[name, version]] : [])),
  );
}

/** `name:`, and below it `  Candidate: version`; `(none)` is none. */
function candidatesIn(answer: string): Map<string, string> {
  const found = answer.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (\S+)$/gm);
  return new Map(
    [...found].flatMap(([, name = '', version = '']) => (version === '(none)' ? [] : [[name, version]])),
  );
}
