/**
 * Resizing along one dimension as ONNX defines it (the operator Resize): each output element is a weighted sum of input
 * elements, whatever the mode.
 */
export interface AxisResize {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly input: number;
  readonly output: number;
  /** As the file has it: output ÷ input, or a number that only rounds to that. */
  readonly scale: number;
  /** Of coordinates `tf_crop_and_resize`: start and end, 0 to 1. */
  readonly region: readonly [number, number];
  readonly cubic: number;
  readonly antialias: boolean;
  readonly excludesOutside: boolean;
}

/** Weight by input position. null: outside of the region. */
export type Taps = ReadonlyMap<number, number> | null;

export function tapsOf(resize: AxisResize): readonly Taps[] {
  return Array.from({ length: resize.output }, (_, position) => tapsAt(resize, position));
}

/** The positions that are taken as they are; null where something is interpolated. */
export function wholePositions(taps: readonly Taps[]): readonly number[] | null {
  const positions = taps.map((each) => {
    const used = each === null ? [] : [...each].filter(([, weight]) => weight !== 0);
    const [only] = used;
    return used.length === 1 && only !== undefined && only[1] === 1 ? only[0] : -1;
  });
  return positions.includes(-1) ? null : positions;
}

function tapsAt(resize: AxisResize, position: number): Taps {
  const { input, excludesOutside } = resize;
  const place = sourceOf(resize, position);
  if (resize.coordinates === 'tf_crop_and_resize' && (place < 0 || place > input - 1)) return null;
  const floor = Math.floor(place);
  // From above 0 to 1: a whole position is its own upper neighbour.
  const ratio = place === floor ? 1 : place - floor;
  const weights = weightsOf(resize, ratio);
  // Lower neighbours first, as many on each side.
  const first = (place === floor ? floor - 1 : floor) - (weights.length / 2 - 1);
  const inside = (at: number): boolean => at >= 0 && at < input;
  const kept = weights.map((weight, at) => (excludesOutside && !inside(first + at) ? 0 : weight));
  const sum = excludesOutside ? kept.reduce((a, b) => a + b, 0) : 1;
  const taps = new Map<number, number>();
  for (const [at, weight] of kept.entries()) {
    const source = Math.min(Math.max(first + at, 0), input - 1);
    taps.set(source, (taps.get(source) ?? 0) + weight / sum);
  }
  return taps;
}

/** Where an output position lies among the input's. */
function sourceOf({ coordinates, input, output, scale, region }: AxisResize, position: number): number {
  const resized = scale * input;
  switch (coordinates) {
    case 'align_corners':
      return resized === 1 ? 0 : (position * (input - 1)) / (resized - 1);
    case 'asymmetric':
      return position / scale;
    case 'tf_crop_and_resize': {
      const [start, end] = region;
      const along =
        resized === 1
          ? ((end - start) * (input - 1)) / 2
          : (position * (end - start) * (input - 1)) / (resized - 1);
      return along + start * (input - 1);
    }
    case 'pytorch_half_pixel':
      return resized === 1 ? -0.5 : (position + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (input / 2) * (1 - output / resized) + (position + 0.5) / scale - 0.5;
    default:
      return (position + 0.5) / scale - 0.5;
  }
}

function weightsOf(resize: AxisResize, ratio: number): readonly number[] {
  const { mode, scale, cubic } = resize;
  if (mode === 'nearest') return nearestWeights(resize.nearest, ratio);
  // Shrinking with antialiasing, the kernel is stretched over all that an output element stands for.
  const stretch = resize.antialias ? Math.min(scale, 1) : 1;
  const half = mode === 'linear' ? 1 : 2;
  const first = Math.floor(-half / stretch) + 1;
  const kernel = mode === 'linear' ? triangle : keys(cubic);
  const weights = Array.from({ length: 2 - 2 * first }, (_, at) => kernel((first + at - ratio) * stretch));
  const sum = resize.antialias ? weights.reduce((a, b) => a + b, 0) : 1;
  return weights.map((weight) => weight / sum);
}

function nearestWeights(rounding: string, ratio: number): readonly number[] {
  const isUpper =
    ratio === 1 ||
    rounding === 'ceil' ||
    (rounding === 'round_prefer_ceil' && ratio >= 0.5) ||
    (rounding === 'round_prefer_floor' && ratio > 0.5);
  return isUpper ? [0, 1] : [1, 0];
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Keys: Cubic convolution interpolation for digital image processing (1981). */
function keys(a: number): (x: number) => number {
  return (signed) => {
    const x = Math.abs(signed);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
  };
}
