/** How files that are no arrays become numbers, as tinyml.yml names it. */
export interface Preprocessing {
  readonly images?: ImageSettings;
  readonly audio?: AudioSettings;
}

export type ImageColor = 'rgb' | 'bgr' | 'grayscale';
/** `nearest` and `bilinear` take the pixels around the middle of each new one, without smoothing, as tf.image.resize does. */
export type ImageResize = 'none' | 'nearest' | 'bilinear';
export type ChannelOrder = 'channels-last' | 'channels-first';

/** value = (pixel × scale − mean) / std, a pixel being 0 to 255. */
export interface ImageSettings {
  /** Height, width; absent: those of the input. */
  readonly size?: readonly [number, number];
  /** Absent: as many channels as the input has. */
  readonly color?: ImageColor;
  /** Absent: as the input has it. */
  readonly order?: ChannelOrder;
  readonly resize: ImageResize;
  readonly scale: number;
  /** One for all channels, or one for each. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** value = sample × scale, a sample being −1 to 1. */
export interface AudioSettings {
  /** Samples per second; absent: whatever they all have. */
  readonly rate?: number;
  /** `none`: every recording has the input's length. `pad`: shorter ones end in silence, longer ones are cut. */
  readonly fit: 'none' | 'pad';
  readonly scale: number;
}
