/**
 * What generated code is optimized for. `balanced`: few bytes of flash and RAM, and copies of a kernel where they pay most.
 * `size`: as few bytes as possible. `speed`: as few instructions as possible.
 */
export const optimizeSettings = ['balanced', 'size', 'speed'] as const;

export type OptimizeSetting = (typeof optimizeSettings)[number];

export const defaultSetting: OptimizeSetting = 'balanced';

export type OptimizationLevel = '-O2' | '-O3' | '-Os';

/**
 * The compiler's level for each setting and core: what is measured, and what a library's user is told to take. Armv6-M code
 * loses nothing by -Os; elsewhere -Os saves no more than the kernels' own compact form, and may double the instructions.
 */
export function compilerLevel(
  optimize: OptimizeSetting,
  { v6m }: { readonly v6m: boolean },
): OptimizationLevel {
  if (optimize === 'speed') return '-O3';
  return v6m ? '-Os' : '-O2';
}
