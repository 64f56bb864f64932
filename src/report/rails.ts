/** A line of the graph beside one layer of the list. Lane 0 is the list itself; a connection that leaps layers has a lane further out. */
export interface RailPiece {
  readonly lane: number;
  /** Which part of the line's height the lane covers. */
  readonly part: 'top' | 'bottom' | 'whole';
  /** True where the line turns off from, or into, the layer's own dot. */
  readonly turns: boolean;
}

export interface Rails {
  /** One list for each layer. */
  readonly pieces: readonly (readonly RailPiece[])[];
  readonly lanes: number;
}

/** Connections that would need more lanes are left out: a graph that tangled is not read by its lines. */
const maximumLanes = 8;

/** `inputs[i]`: positions of the layers that layer i reads; -1, the model's own input, draws nothing. */
export function railsOf(inputs: readonly (readonly number[])[]): Rails {
  const pieces: RailPiece[][] = inputs.map(() => []);
  const edges = inputs.flatMap((from, to) =>
    [...new Set(from)]
      .filter((position) => position >= 0 && position < to)
      .map((position) => ({ from: position, to })),
  );
  /** The layer down to which each outer lane is taken. */
  const taken: number[] = [];
  for (const { from, to } of edges.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (to === from + 1) {
      pieces[from]?.push({ lane: 0, part: 'bottom', turns: false });
      pieces[to]?.push({ lane: 0, part: 'top', turns: false });
      continue;
    }
    const free = taken.findIndex((until) => until <= from);
    const index = free === -1 ? taken.length : free;
    if (index + 1 >= maximumLanes) continue;
    taken[index] = to;
    const lane = index + 1;
    pieces[from]?.push({ lane, part: 'bottom', turns: true });
    for (let row = from + 1; row < to; row++) pieces[row]?.push({ lane, part: 'whole', turns: false });
    pieces[to]?.push({ lane, part: 'top', turns: true });
  }
  return { pieces, lanes: taken.length + 1 };
}
