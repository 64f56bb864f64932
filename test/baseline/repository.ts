import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A real git repository in a temporary folder, removed after the test file. */
export interface Repository {
  readonly folder: string;
  git(...parameters: readonly string[]): string;
  /** Writes the files and commits them; returns the hash. */
  commit(message: string, files?: Readonly<Record<string, string | Uint8Array>>): string;
  head(): string;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function newRepository(): Repository {
  const repository = repositoryAt(temporaryFolder());
  repository.git('init', '--quiet', '--initial-branch=main');
  return repository;
}

/** As actions/checkout does it with `fetch-depth: 1`. */
export function shallowClone(of: Repository, ref: string, depth = 1): Repository {
  const clone = newRepository();
  clone.git('remote', 'add', 'origin', `file://${of.folder}`);
  of.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  clone.git('fetch', '--quiet', '--no-tags', `--depth=${depth}`, 'origin', ref);
  clone.git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
  return clone;
}

function repositoryAt(folder: string): Repository {
  const git = (...parameters: readonly string[]): string =>
    execFileSync('git', parameters, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'test',
        GIT_AUTHOR_EMAIL: 'test@example.com',
        GIT_COMMITTER_NAME: 'test',
        GIT_COMMITTER_EMAIL: 'test@example.com',
      },
    }).trim();
  return {
    folder,
    git,
    commit(message, files = {}) {
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    head: () => git('rev-parse', 'HEAD'),
  };
}
