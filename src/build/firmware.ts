import type { MemoryMap, Target } from '../targets/target.ts';

/** Bytes of the linked firmware, by what they are for. Every number is read from the ELF. */
export interface FlashUse {
  /** The model's own code. */
  readonly code: number;
  /** Weights and biases. */
  readonly weights: number;
  /** The model's other constants: requantization multipliers, tables. */
  readonly tables: number;
  /** Compiler and C run-time library (libgcc, libc) that the model pulls in. */
  readonly runtime: number;
  /** Vector table, start-up, measuring harness: not part of the product. */
  readonly harness: number;
}

export interface RamUse {
  /** The tensor arena, input and output included. */
  readonly arena: number;
  /** .data and .bss of the model outside of the arena, and of the run-time library. */
  readonly data: number;
  /** Harness data. */
  readonly harness: number;
}

export interface LayerSize {
  readonly symbol: string;
  readonly address: number;
  readonly code: number;
  readonly weights: number;
  readonly tables: number;
}

/** Code that several layers call. */
export interface SharedSize {
  readonly symbol: string;
  readonly code: number;
}

export interface Section {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly memory: 'flash' | 'ram' | 'both';
}

export interface Mark {
  readonly name: string;
  readonly address: number;
}

/** A linked ELF and what it holds. */
export interface Firmware {
  readonly elf: string;
  readonly target: Target;
  readonly map: MemoryMap;
  readonly sections: readonly Section[];
  readonly flash: FlashUse;
  readonly ram: RamUse;
  readonly layers: readonly LayerSize[];
  /** In the order of the plan's shared kernels. */
  readonly shared: readonly SharedSize[];
  /** Bytes reserved for the stack by the link script. */
  readonly stackBytes: number;
  /** `<model>_invoke`, every layer, `tinyml_measure_end`, in execution order. */
  readonly marks: readonly Mark[];
  /** Function symbols, for naming a fault's address. */
  readonly symbols: readonly { readonly name: string; readonly address: number; readonly bytes: number }[];
}
