/**
 * Aborted when the workflow's run is cancelled: the runner sends SIGINT, seconds later SIGTERM, and then kills. What runs
 * then ends its children, takes its worktree away and posts nothing.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  // `on`, not `once`: a listener that is gone would leave the second signal to Node, which ends at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}
