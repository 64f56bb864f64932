/** What was executed between two marks of one inference. */
export interface Stretch {
  /** Address of the mark that begins it. */
  readonly from: number;
  readonly executed: readonly Executed[];
}

export interface Executed {
  readonly address: number;
  readonly count: number;
  /** How often the instruction that followed was the next one in memory; of branches only. */
  readonly sequential: number;
}

/** The counting plugin's profile (runtime/emulate/counting_plugin.c); null where it does not reach the last of the marks. */
export function readProfile(text: string, marks: number): readonly Stretch[] | null {
  const stretches = text.split(/^from /m).slice(1);
  if (stretches.length !== marks - 1 || !text.endsWith('\n')) return null;
  return stretches.map((stretch) => ({
    from: Number.parseInt(stretch, 16),
    executed: [...stretch.matchAll(/^([0-9a-f]{8}) (\d+) (\d+)$/gm)].map((match) => ({
      address: Number.parseInt(match[1] ?? '', 16),
      count: Number(match[2]),
      sequential: Number(match[3]),
    })),
  }));
}
