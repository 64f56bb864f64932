/**
 * What generated code is optimized for. `balanced`: few bytes of flash and RAM, and copies of a kernel where they pay most.
 * `size`: as few bytes as possible. `speed`: as few instructions as possible.
 */
export const optimizeSettings = ['balanced', 'size', 'speed'] as const;

export type OptimizeSetting = (typeof optimizeSettings)[number];

export const defaultSetting: OptimizeSetting = 'balanced';

export type OptimizationLevel = '-O2' | '-O3';

/** The compiler's level for each setting: what is measured, and what a library's user is told to take. */
export const compilerLevel: Readonly<Record<OptimizeSetting, OptimizationLevel>> = {
  balanced: '-O2',
  // -Os saves no more than the kernels' own compact form, and may double the instructions.
  size: '-O2',
  speed: '-O3',
};
