import { DeployError } from '../errors.ts';
import type { Tensor } from '../graph/graph.ts';
import type { DataArray } from './array.ts';
import { type Image, readImage } from './image.ts';
import type { ChannelOrder, ImageColor, ImageSettings } from './preprocessing.ts';

/** What an input takes of an image. */
interface Frame {
  readonly height: number;
  readonly width: number;
  readonly color: ImageColor;
  readonly order: ChannelOrder;
}

/** Images as samples of an input, each decoded when it is read. Throws DeployError (kind `input`). */
export function imageRows(
  root: string,
  folder: string,
  files: readonly string[],
  input: Tensor,
  settings: ImageSettings | undefined,
): DataArray {
  if (settings === undefined)
    throw new DeployError(
      'input',
      'How pixels become numbers is not said.',
      { file: folder },
      'Add `preprocessing: { images: { scale: 1/255 } }` to this model in tinyml.yml, with the scale that training used (docs/data.md).',
    );
  const frame = frameOf(folder, input, settings);
  const channels = channelsOf(frame.color);
  const shape =
    frame.order === 'channels-last'
      ? [frame.height, frame.width, channels]
      : [channels, frame.height, frame.width];
  return {
    file: folder,
    type: 'f4',
    shape: [files.length, ...shape],
    arrangement: 'made',
    row: (index) => {
      const file = files[index] ?? '';
      const image = readImage(root, file);
      if (settings.resize === 'none' && (image.height !== frame.height || image.width !== frame.width))
        throw new DeployError(
          'input',
          `The image is ${image.width} × ${image.height} pixels where the model takes ${frame.width} × ${frame.height}.`,
          { file },
          'Save all in that size, or set `preprocessing: { images: { resize: bilinear } }`.',
        );
      return numbersOf(image, frame, settings);
    },
    close: () => {},
  };
}

function channelsOf(color: ImageColor): number {
  return color === 'grayscale' ? 1 : 3;
}

/** From the input's own shape, and what the settings say on top. */
function frameOf(folder: string, { shape, fileOrder, name }: Tensor, settings: ImageSettings): Frame {
  const refuse = (hint: string) =>
    new DeployError(
      'input',
      `Images do not fit the model's input [${shape.join(', ')}].`,
      { file: folder, tensor: name },
      hint,
    );
  const own = ownFrame(shape, fileOrder !== undefined);
  const [height, width] = settings.size ?? [own?.height, own?.width];
  const order = settings.order ?? own?.order ?? 'channels-last';
  const elements = shape.reduce((product, size) => product * size, 1);
  if (height === undefined || width === undefined)
    throw refuse('Say what they are with `preprocessing: { images: { size: [height, width] } }`.');
  const channels = elements / (height * width);
  const color = settings.color ?? (channels === 1 ? 'grayscale' : 'rgb');
  if (channelsOf(color) !== channels)
    throw refuse(
      `${width} × ${height} pixels, ${color}, make ${height * width * channelsOf(color)} values where it takes ${elements}.`,
    );
  return { height, width, color, order };
}

/** Height, width and channels of an input that has the shape of an image, without its batch of 1. */
function ownFrame(
  shape: readonly number[],
  isTurned: boolean,
): (Pick<Frame, 'order'> & { readonly height: number; readonly width: number }) | null {
  const [a, b, c, ...more] = shape[0] === 1 ? shape.slice(1) : shape;
  if (a === undefined || b === undefined || more.length > 0) return null;
  if (c === undefined) return { height: a, width: b, order: 'channels-last' };
  const isColor = (size: number) => size === 1 || size === 3;
  if (isTurned || isColor(c)) return { height: a, width: b, order: 'channels-last' };
  return isColor(a) ? { height: b, width: c, order: 'channels-first' } : null;
}

function numbersOf(image: Image, { height, width, color, order }: Frame, settings: ImageSettings): number[] {
  const channels = channelsOf(color);
  const values = new Array<number>(height * width * channels);
  const read =
    settings.resize === 'bilinear' ? bilinear(image, height, width) : nearest(image, height, width);
  const { scale, mean, std } = settings;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const pixel = read(y, x);
      for (let channel = 0; channel < channels; channel++) {
        const of = <T>(list: readonly T[]) => list[list.length === 1 ? 0 : channel] as T;
        const raw =
          color === 'grayscale' ? luma(pixel) : (pixel[color === 'bgr' ? 2 - channel : channel] as number);
        const at =
          order === 'channels-last'
            ? (y * width + x) * channels + channel
            : (channel * height + y) * width + x;
        values[at] = Math.fround((raw * scale - of(mean)) / of(std));
      }
    }
  return values;
}

type Pixel = readonly [number, number, number];

/** ITU-R 601, in the integers that Pillow computes with where the pixel is whole. */
function luma([red, green, blue]: Pixel): number {
  if (red === green && green === blue) return red;
  const sum = red * 19595 + green * 38470 + blue * 7471;
  return Number.isInteger(red) && Number.isInteger(green) && Number.isInteger(blue)
    ? Math.floor((sum + 0x8000) / 65536)
    : sum / 65536;
}

function nearest({ rgba, width, height }: Image, rows: number, columns: number) {
  return (y: number, x: number): Pixel => {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / rows));
    const column = Math.min(width - 1, Math.floor(((x + 0.5) * width) / columns));
    const at = (row * width + column) * 4;
    return [rgba[at] as number, rgba[at + 1] as number, rgba[at + 2] as number];
  };
}

function bilinear({ rgba, width, height }: Image, rows: number, columns: number) {
  const along = (to: number, size: number, newSize: number) => {
    const place = Math.max(0, Math.min(size - 1, ((to + 0.5) * size) / newSize - 0.5));
    const before = Math.floor(place);
    return { before, after: Math.min(size - 1, before + 1), part: place - before };
  };
  return (y: number, x: number): Pixel => {
    const vertical = along(y, height, rows);
    const horizontal = along(x, width, columns);
    const one = (channel: number): number => {
      const at = (row: number, column: number) => rgba[(row * width + column) * 4 + channel] as number;
      const mixed = (row: number) =>
        at(row, horizontal.before) * (1 - horizontal.part) + at(row, horizontal.after) * horizontal.part;
      return mixed(vertical.before) * (1 - vertical.part) + mixed(vertical.after) * vertical.part;
    };
    return [one(0), one(1), one(2)];
  };
}
