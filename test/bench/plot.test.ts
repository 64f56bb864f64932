import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPeers } from '../../bench/peers.ts';
import { renderPlot } from '../../bench/plot.ts';

test('the picture has a bar for each setting that was measured, as a share of the peer', () => {
  const row = {
    model: 'ad01_int8',
    target: 'cortex-m4f',
    instructions: 291_485,
    cycles: null,
    flashBytes: 152_224,
    arenaBytes: 768,
    stackBytes: 60,
    ramBytes: 2_064,
    bitExact: true,
  } as const;
  const results = [
    { ...row, optimize: 'speed' as const },
    { ...row, optimize: 'size' as const },
    { ...row, optimize: 'size' as const, target: 'cortex-m7' },
  ];
  const svg = renderPlot({ date: '2026-01-02', results }, readPeers(), 'cortex-m4f');
  assert.equal(svg.match(/<title>/g)?.length, 2 * 3);
  // 582,970 instructions, 4,128 bytes of RAM and 304,448 of flash are the peer's: each is half.
  assert.equal(svg.match(/>50%<\/text>/g)?.length, 2 * 3 + 3);
  assert.equal(renderPlot({ date: '2026-01-02', results }, readPeers(), 'cortex-m4f'), svg);
});
