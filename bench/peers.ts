import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What others need for the same models, measured once and kept as data: see `units` in peers.json. */
const peersFile = z.strictObject({
  date: z.string(),
  versions: z.record(z.string(), z.string()),
  units: z.record(z.string(), z.string()),
  macs: z.record(z.string(), z.int()),
  results: z.array(
    z.strictObject({
      target: z.string(),
      model: z.string(),
      kernels: z.enum(['tflm-reference', 'tflm-cmsis-nn']),
      instructions: z.int(),
      flashBytes: z.int(),
      arenaBytes: z.int(),
      ramBytes: z.int(),
      stackBytes: z.int(),
    }),
  ),
  others: z.array(
    z.strictObject({
      target: z.string(),
      model: z.string(),
      engine: z.string(),
      instructions: z.int(),
      flashBytes: z.int().nullable(),
      note: z.string(),
    }),
  ),
  published: z.array(
    z.strictObject({
      target: z.string(),
      model: z.string(),
      part: z.string(),
      engine: z.string(),
      megacycles: z.number(),
    }),
  ),
});

export type Peers = z.infer<typeof peersFile>;
export type PeerResult = Peers['results'][number];

export function readPeers(): Peers {
  return peersFile.parse(JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8')));
}

/** The peer's figures for one model on one target, or undefined where it was not measured. */
export function peerResult(
  peers: Peers,
  of: { readonly model: string; readonly target: string },
  kernels: PeerResult['kernels'],
): PeerResult | undefined {
  return peers.results.find(
    (result) => result.model === of.model && result.target === of.target && result.kernels === kernels,
  );
}
