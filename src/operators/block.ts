import type { OptionsReader } from './operator.ts';

/** SPACE_TO_DEPTH and DEPTH_TO_SPACE: squares of block × block pixels become channels, and back. */
export interface BlockOptions {
  readonly block: number;
}

export function readBlockOptions(options: OptionsReader): BlockOptions {
  return { block: options.int32(0) };
}

/**
 * For each element of the deep image [N, h, w, block² × c] the index in the wide image [N, h·block, w·block, c]:
 * the deep channel counts row in block, column in block, channel.
 */
export function wideIndexOfDeep(wide: readonly number[], block: number): Int32Array {
  const [batches = 1, height = 1, width = 1, channels = 1] = wide;
  const map = new Int32Array(batches * height * width * channels);
  let at = 0;
  for (let batch = 0; batch < batches; batch++)
    for (let y = 0; y < height; y += block)
      for (let x = 0; x < width; x += block)
        for (let row = 0; row < block; row++)
          for (let column = 0; column < block; column++)
            for (let channel = 0; channel < channels; channel++)
              map[at++] = ((batch * height + y + row) * width + x + column) * channels + channel;
  return map;
}
