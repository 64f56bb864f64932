import type { AudioSettings, ImageSettings, Preprocessing } from '../data/preprocessing.ts';
import { DeployError, type Place, printable } from '../errors.ts';
import type { ConfigFile } from './config.ts';
import type { ConfigModel } from './schema.ts';

/** `preprocessing:` of a model with its defaults; null where nothing is said. Throws DeployError for a scale that is no number. */
export function preprocessingOf(
  source: ConfigFile,
  { preprocessing: written }: ConfigModel,
  path: readonly PropertyKey[],
): Preprocessing | null {
  if (written === undefined) return null;
  const { images, audio } = written;
  const placeOf = (...keys: readonly string[]) => source.yaml.place([...path, 'preprocessing', ...keys]);
  return {
    ...(images === undefined
      ? {}
      : {
          images: imagesOf(
            images,
            parseFactor(images.scale, placeOf('images', 'scale')),
            placeOf('images', 'std'),
          ),
        }),
    ...(audio === undefined
      ? {}
      : { audio: audioOf(audio, parseFactor(audio.scale ?? 1, placeOf('audio', 'scale'))) }),
  };
}

type Written = NonNullable<ConfigModel['preprocessing']>;

function imagesOf(written: NonNullable<Written['images']>, scale: number, stdPlace: Place): ImageSettings {
  const { size, color, order, resize = 'none', mean = 0, std = 1 } = written;
  const listed = (value: number | readonly number[]) => (typeof value === 'number' ? [value] : value);
  if (listed(std).some((value) => value <= 0))
    throw new DeployError('input', 'A standard deviation is above 0.', stdPlace, 'Leave it out, or set 1.');
  return {
    ...(size === undefined ? {} : { size }),
    ...(color === undefined ? {} : { color }),
    ...(order === undefined ? {} : { order }),
    resize,
    scale,
    mean: listed(mean),
    std: listed(std),
  };
}

function audioOf({ rate, fit = 'none' }: NonNullable<Written['audio']>, scale: number): AudioSettings {
  return { ...(rate === undefined ? {} : { rate }), fit, scale };
}

/** `1/255`, `0.5` or `32768`. */
function parseFactor(written: number | string, where: Place): number {
  const match = /^(\d{1,9}(?:\.\d{1,12})?)(?:\s*\/\s*(\d{1,9}(?:\.\d{1,12})?))?$/.exec(
    String(written).trim(),
  );
  const value = typeof written === 'number' ? written : Number(match?.[1]) / Number(match?.[2] ?? 1);
  if (Number.isFinite(value) && value !== 0) return value;
  throw new DeployError(
    'input',
    `"${printable(String(written), 40)}" is no factor.`,
    where,
    'Write a number or a fraction such as `1/255`.',
  );
}
