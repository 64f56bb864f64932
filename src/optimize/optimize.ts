import type { Graph } from '../graph/graph.ts';
import { foldBatches } from './fold_batches.ts';
import { foldClamps } from './fold_clamps.ts';
import { foldConstants } from './fold_constants.ts';
import { foldPadding } from './fold_padding.ts';
import { removeChannels } from './remove_channels.ts';

/** Every rewrite keeps every output bit. Add one by adding a file and a line. */
const rewrites: readonly ((graph: Graph) => Graph)[] = [
  foldConstants,
  foldBatches,
  foldPadding,
  foldClamps,
  removeChannels,
];

export function optimize(graph: Graph): Graph {
  return rewrites.reduce((rewritten, rewrite) => rewrite(rewritten), graph);
}
