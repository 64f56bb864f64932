#!/usr/bin/env node
import { main } from './cli/main.ts';

const interruption = new AbortController();
// `on`, not `once`: a listener that is gone when execa's own looks for others would leave the end to execa.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  });
// A reader such as `head` may leave early: that changes nothing about the exit code. A full disk does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`error: The output cannot be written (${error.code}).\n`);
  process.exit(3);
});
process.stderr.on('error', () => {});

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
  now: () => new Date(),
  signal: interruption.signal,
});
