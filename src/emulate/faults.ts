/**
 * Bits of the Configurable Fault Status Register (Armv7-M and Armv8-M manuals, CFSR), worst first. Memory faults come
 * from the harness' fence (runtime/firmware/protection.c).
 */
const causes: readonly (readonly [bit: number, words: string])[] = [
  [20, 'stack limit exceeded'],
  [25, 'division by zero'],
  [24, 'unaligned access'],
  [19, 'coprocessor or FPU not available'],
  [18, 'bad exception return'],
  [17, 'jump to code that is not Thumb'],
  [16, 'undefined instruction'],
  [8, 'jump to an address without code'],
  [9, 'access to a bad address'],
  [10, 'write to a bad address'],
  [13, 'bad address while saving FPU registers'],
  [12, 'bad address while entering an exception'],
  [11, 'bad address while leaving an exception'],
  [0, 'jump to an address without code'],
  [1, 'access outside of the firmware, or a write to flash'],
  [5, 'bad address while saving FPU registers'],
  [4, 'bad address while entering an exception'],
  [3, 'bad address while leaving an exception'],
];

/** A fault in words. `name`: as the firmware prints it (`bus`, `usage`, `memory`, `hard`, `unexpected`). */
export function describeFault(name: string, status: number): string {
  const cause = causes.find(([bit]) => ((status >>> bit) & 1) === 1);
  return cause === undefined ? `${name} fault` : `${name} fault: ${cause[1]}`;
}
