import type { SourceFile } from './sources.ts';

/** The kernels named and every header that they include, for the library's `tinyml/` folder. */
export function headersInUse(names: readonly string[], kernels: ReadonlyMap<string, string>): SourceFile[] {
  const found = new Map<string, string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    const text = kernels.get(file);
    if (text === undefined) throw new Error(`runtime/kernels/${file} does not exist`);
    found.set(file, text);
    for (const [, included = ''] of text.matchAll(/^#include "([^"]+)"/gm)) visit(included);
  };
  for (const name of names) visit(`${name}.h`);
  return [...found.keys()].sort().map((file) => ({ path: `tinyml/${file}`, text: found.get(file) ?? '' }));
}
