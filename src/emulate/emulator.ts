import type { Firmware } from '../build/firmware.ts';
import type { CycleEstimate } from '../cycles/estimate.ts';

export type EmulatorName = 'qemu' | 'renode';

/** What the firmware is given: one packed record per inference, all model inputs one after the other. */
export interface Stimulus {
  readonly samples: readonly Uint8Array[];
  /**
   * Positions of samples that go on from the state that the sample before left. All others start from a reset, as all
   * do where this is absent.
   */
  readonly continuing?: ReadonlySet<number>;
}

/** How a run of the firmware ended. */
export type Ending =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'fault';
      readonly fault: string;
      readonly address: number | null;
      readonly pc: number | null;
    }
  | { readonly kind: 'stack-overflow'; readonly pc: number | null }
  | { readonly kind: 'hang'; readonly pc: number | null }
  | { readonly kind: 'no-output' };

export interface LayerCount {
  readonly symbol: string;
  readonly instructions: number;
}

/** Instructions executed by one inference: from the entry of `<model>_invoke` to its return. A layer's count runs from its entry to the next layer's (the call is the layer's). */
export interface InferenceCount {
  readonly total: number;
  readonly layers: readonly LayerCount[];
}

export interface Run {
  readonly emulator: { readonly name: EmulatorName; readonly version: string };
  readonly ending: Ending;
  /** Symbol of the layer that ran last, when the ending is not `done`. */
  readonly lastLayer: string | null;
  /** One packed record per sample: all model outputs one after the other. */
  readonly outputs: readonly Uint8Array[];
  /** What a traced library printed: each layer's first output, in order. Empty otherwise. */
  readonly traces: readonly Uint8Array[];
  /** One per sample; empty when this emulator can't count here. */
  readonly counts: readonly InferenceCount[];
  /** Of the first sample; absent where this emulator tells no executed addresses, or nobody published the core's timing. */
  readonly cycles?: CycleEstimate;
  /** Stack bytes that one inference used at most, measured by painting; null when the run did not get so far. */
  readonly stackBytes: number | null;
  /** What this emulator cannot see on this run, e.g. "bus faults", for the report. */
  readonly blindTo: readonly string[];
}

export interface EmulatorOptions {
  readonly timeLimitMs: number;
  readonly workFolder: string;
  readonly signal?: AbortSignal;
}

/** Renode and QEMU behind one interface: the same ELF, the same words. */
export interface Emulator {
  readonly name: EmulatorName;
  readonly version: string;
  run(firmware: Firmware, stimulus: Stimulus, options: EmulatorOptions): Promise<Run>;
}
