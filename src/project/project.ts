import type { AccuracySettings } from '../accuracy/settings.ts';
import type { DataPlace } from '../data/dataset.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import type { GivenSizes } from '../import/fixed_sizes.ts';
import type { OptimizeSetting } from '../operators/setting.ts';
import type { QuantizeOptions } from '../quantize/options.ts';
import type { Bound, Metric } from '../report/report.ts';
import type { TunedPlan } from './plan_file.ts';

/** tinyml.yml, resolved: defaults filled in, paths checked, every model × target spelled out. */

export type EmulatorChoice = 'auto' | 'renode' | 'qemu' | 'both';

export interface Budget {
  readonly metric: Metric;
  readonly bound: Bound;
  /** Bytes, instructions, percent or percentage points; at most 0 for a change of accuracy, else at least 0. */
  readonly amount: number;
  /** As the user wrote it, e.g. "64 KiB". */
  readonly written: string;
  /** Line in tinyml.yml, 1-based. */
  readonly line: number;
}

export interface TestData extends DataPlace {
  /** How many of them run on the emulated part. */
  readonly samples: number;
}

/** How a float model becomes int8. */
export interface QuantizeSettings extends QuantizeOptions {
  /** Real inputs as floats: a path relative to the project's folder, or one for each input by its name. */
  readonly calibration: DataPlace['inputs'];
  /** How many of them calibrate. */
  readonly samples: number;
}

/** What a float model computes in: quantized, or as it is. */
export const arithmetics = ['int8', 'float32'] as const;
export type FloatArithmetic = (typeof arithmetics)[number];

export interface ModelEntry {
  /** C identifier. */
  readonly name: string;
  /** Path relative to the project's folder. */
  readonly file: string;
  readonly testData: TestData | null;
  /** How answers to the test data are scored; absent: by its labels, all of it. */
  readonly accuracy?: AccuracySettings;
  /** How images and recordings become inputs; absent: nothing is said. */
  readonly preprocessing?: Preprocessing;
  /** Sizes that the model's file leaves open; absent: nothing is said. */
  readonly sizes?: GivenSizes;
  /** Only for float models; absent: nothing to calibrate with. */
  readonly quantize?: QuantizeSettings;
  /** `int8` when absent. */
  readonly arithmetic?: FloatArithmetic;
}

/** One model × one target: the unit of work. */
export interface Job {
  readonly model: ModelEntry;
  readonly target: string;
  readonly optimize: OptimizeSetting;
  /** Whether the model's inputs are still in the arena after an inference. */
  readonly preserveInput: boolean;
  /** What `tune` found for a model of this name; it holds for the content that it names. null: nothing. */
  readonly tuned: TunedPlan | null;
  readonly budgets: readonly Budget[];
}

export interface Project {
  readonly folder: string;
  /** `tinyml.yml` relative to the folder, or null with zero configuration. */
  readonly configFile: string | null;
  readonly emulator: EmulatorChoice;
  /** `system`, or a version of the pinned table. */
  readonly toolchain: string;
  /** Wall-clock limit of one emulation. */
  readonly timeLimitSeconds: number;
  readonly jobs: readonly Job[];
}
