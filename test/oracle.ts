import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** A Python that has these modules, TINYML_PYTHON first; null after a loud skip. test/golden/requirements.txt lists all. */
export function pythonWith(t: TestContext, modules: readonly string[]): string | null {
  const candidates = [process.env.TINYML_PYTHON, 'python3', 'python'].filter((name) => name !== undefined);
  const has = (python: string): boolean => {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const found = candidates.find(has);
  if (found !== undefined) return found;
  t.skip(
    `SKIPPED: no Python with ${modules.join(' and ')} (pip install -r test/golden/requirements.txt; TINYML_PYTHON names another Python)`,
  );
  return null;
}
