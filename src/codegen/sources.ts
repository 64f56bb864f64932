import type { OptimizeSetting } from '../operators/setting.ts';

/** The C library of one model for one core: plain text files, paths relative to the library's folder. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Sources {
  /** C prefix of every public symbol. */
  readonly name: string;
  /** By which the compiler's optimization level is chosen. */
  readonly optimize: OptimizeSetting;
  /** model.h, model.c, weights, and the kernels that they include. */
  readonly library: readonly SourceFile[];
  /** What the measuring firmware needs on top: the descriptor that tells the harness where inputs and outputs are. */
  readonly firmware: readonly SourceFile[];
  /** Layer symbols with prefix, in execution order: the marks at which emulators read the instruction counter. */
  readonly layerSymbols: readonly string[];
  /** Functions that several layers call, with prefix, in the order of the plan's shared kernels. */
  readonly sharedSymbols: readonly string[];
}
