import type { CoreFeatures } from '../operators/operator.ts';
import type { TimingName } from './timing.ts';

export interface Region {
  readonly origin: number;
  readonly bytes: number;
}

/** A memory map that firmware is linked for. */
export interface MemoryMap {
  /** Vector table, code, constants. */
  readonly flash: Region;
  /** Arena, data, stack. */
  readonly ram: Region;
  /** Host-only memory from which the harness reads its inputs; no part has it, and it costs no flash. */
  readonly mailbox: Region;
  /** Base address of a CMSDK UART. */
  readonly uart: number;
}

export interface QemuBoard {
  readonly machine: string;
  readonly map: MemoryMap;
  /** Where the core looks for its vector table at reset, if not at the start of flash. */
  readonly resetVector?: number;
}

export interface RenodeBoard {
  readonly cpuType: string;
  readonly map: MemoryMap;
  /** First Renode version that runs this core's instructions right, e.g. '1.17.0' for Helium. */
  readonly since?: string;
}

/** What a cycle costs. */
export interface PartEnergy {
  /** pJ for each cycle of the core, flash included: fewest and most that were measured. */
  readonly picojoules: readonly [low: number, high: number];
  readonly supply: string;
  readonly source: string;
}

/** A real part: what its memory holds. A generic core has none and fails only by budget. */
export interface Part {
  readonly title: string;
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** Where somebody has measured it while the part computed. */
  readonly energy?: PartEnergy;
}

/** Everything about a target is data: a core, how the compiler is told, and how each emulator models it. */
export interface Target {
  /** The name in tinyml.yml, e.g. `cortex-m4`. */
  readonly name: string;
  readonly title: string;
  /** -mcpu and friends. */
  readonly compilerFlags: readonly string[];
  readonly features: CoreFeatures;
  readonly part: Part | null;
  /** Where it is known what the core's instructions take. */
  readonly timing?: TimingName;
  readonly qemu: QemuBoard;
  readonly renode: RenodeBoard;
}
