import { DeployError } from '../errors.ts';
import { elementCount, type Tensor } from '../graph/graph.ts';
import type { DataArray } from './array.ts';
import type { AudioSettings } from './preprocessing.ts';
import { readWav } from './wav.ts';

const usual: AudioSettings = { fit: 'none', scale: 1 };

/** Recordings as samples of an input that takes the wave itself, each read when it is asked for. Throws DeployError (kind `input`). */
export function recordingRows(
  root: string,
  folder: string,
  files: readonly string[],
  input: Tensor,
  settings: AudioSettings = usual,
): DataArray {
  const length = elementCount(input.shape);
  const rate = settings.rate ?? readWav(root, files[0] ?? '').rate;
  return {
    file: folder,
    type: 'f4',
    shape: [files.length, length],
    arrangement: 'made',
    row: (index) => {
      const file = files[index] ?? '';
      const recording = readWav(root, file);
      if (recording.rate !== rate)
        throw new DeployError(
          'input',
          `The recording has ${recording.rate} samples per second where ${settings.rate === undefined ? 'the first one has' : 'tinyml.yml says'} ${rate}.`,
          { file },
          'Resample it: nothing is resampled here.',
        );
      if (settings.fit === 'none' && recording.samples.length !== length)
        throw new DeployError(
          'input',
          `The recording has ${recording.samples.length} samples where the model takes ${length} values.`,
          { file, tensor: input.name },
          'Cut all to that length or set `preprocessing: { audio: { fit: pad } }`; for a model that takes features such as MFCC, give these as a .npy file (docs/data.md).',
        );
      return Array.from({ length }, (_, at) => Math.fround((recording.samples[at] ?? 0) * settings.scale));
    },
    close: () => {},
  };
}
