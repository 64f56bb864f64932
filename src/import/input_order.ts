/** What a step of a model does to the order of elements: `sliding` wants channels last, `orderless` takes any. */
export interface OrderStep {
  readonly kind: 'sliding' | 'orderless' | 'ordered' | 'unseeing';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Whether the first steps that care about the order of an input's elements are sliding windows. */
export function wantsChannelsLast(steps: readonly OrderStep[], input: string): boolean {
  const reached = new Set([input]);
  let slides = false;
  for (const { kind, inputs, outputs } of steps) {
    if (!inputs.some((name) => reached.has(name))) continue;
    if (kind === 'ordered') return slides;
    if (kind === 'sliding') slides = true;
    if (kind === 'orderless') for (const output of outputs) reached.add(output);
  }
  return slides;
}
