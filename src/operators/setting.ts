/**
 * What generated code is optimized for. `balanced`: few bytes of flash and RAM, and copies of a kernel where they pay most.
 * `size`: as few bytes as possible. `speed`: as few instructions as possible.
 */
export const optimizeSettings = ['balanced', 'size', 'speed'] as const;

export type OptimizeSetting = (typeof optimizeSettings)[number];

export const defaultSetting: OptimizeSetting = 'balanced';
