/** The order in which a fused group makes rows: each member only the new ones that the next band of the last member needs. */

/** How a member's rows depend on those of one input: row r reads rows r × stride − padding, `span` of them, cut at the edges. */
export interface RowNeed {
  /** Position in the node's inputs. */
  readonly position: number;
  /** The member that makes the input; null: it lies in the arena as a whole. */
  readonly source: number | null;
  readonly stride: number;
  readonly span: number;
  readonly padding: number;
  /** Rows of the input, and bytes of each. */
  readonly rows: number;
  readonly rowBytes: number;
}

/** Rows of one member. One that gathers (a mean over all rows) counts the rows that it takes in. */
export interface RowMember {
  readonly rows: number;
  readonly needs: readonly RowNeed[];
}

/** One call of a member: `count` rows from `first` on. */
export interface RowCall {
  readonly member: number;
  readonly first: number;
  readonly count: number;
  /** The rows from here on stay in the member's buffer while it makes the new ones. */
  readonly keptFrom: number;
  /** Rows made so far, by member, before this call. */
  readonly made: readonly number[];
}

/** The first row of the input that row `row` reads. */
export function firstRead({ stride, padding, rows }: RowNeed, row: number): number {
  return Math.min(rows, Math.max(0, row * stride - padding));
}

/** One past the last row of the input that the rows below `end` read; 0 where there are none. */
export function endRead({ stride, span, padding, rows }: RowNeed, end: number): number {
  return end <= 0 ? 0 : Math.min(rows, Math.max(0, (end - 1) * stride - padding + span));
}

/** The needs that members have of one member's rows. */
export function consumersOf(
  members: readonly RowMember[],
  member: number,
): { readonly by: number; readonly need: RowNeed }[] {
  return members.flatMap(({ needs }, by) =>
    needs.filter(({ source }) => source === member).map((need) => ({ by, need })),
  );
}

/** When `end` rows of the last member are wanted, rate × end + lead rows of this one are needed, cut to what there is. */
export interface Pace {
  readonly rate: number;
  readonly lead: number;
}

/** The pace of each member; null where two that read the same rows go at different rates. */
export function pacesOf(members: readonly RowMember[]): Pace[] | null {
  const paces: Pace[] = members.map(() => ({ rate: 1, lead: 0 }));
  for (let member = members.length - 2; member >= 0; member -= 1) {
    const wanted = consumersOf(members, member).map(({ by, need }) => {
      const { rate, lead } = paces[by] as Pace;
      // endRead without its cuts.
      return { rate: rate * need.stride, lead: (lead - 1) * need.stride - need.padding + need.span };
    });
    const [first] = wanted;
    if (first === undefined || wanted.some(({ rate }) => rate !== first.rate)) return null;
    paces[member] = { rate: first.rate, lead: Math.max(...wanted.map(({ lead }) => lead)) };
  }
  return paces;
}

/** `end` of the first round: the members that lead most start alone, so that none ever makes more than its share of a round. */
export function firstEnd(paces: readonly Pace[], bandRows: number): number {
  const rounds = paces.map(({ rate, lead }) => Math.ceil(lead / (rate * bandRows)) - 1);
  return bandRows - bandRows * Math.max(0, ...rounds.map((each) => each + 1));
}

/** Whether every call of a member finds the first row that it reads at the start of the buffer of `source`. */
export function readsFromStart(calls: readonly RowCall[], by: number, need: RowNeed): boolean {
  let start = 0;
  return calls.every(({ member, first, keptFrom }) => {
    if (member === need.source) start = keptFrom;
    return member !== by || firstRead(need, first) === start;
  });
}

/** All calls of a group, in order: rounds of `bandRows` rows of the last member. */
export function rowCalls(members: readonly RowMember[], paces: readonly Pace[], bandRows: number): RowCall[] {
  const consumers = members.map((_, member) => consumersOf(members, member));
  const made = members.map(() => 0);
  const calls: RowCall[] = [];
  const last = members.length - 1;
  const rows = members[last]?.rows ?? 0;
  for (let end = firstEnd(paces, bandRows); (made[last] ?? rows) < rows; end += bandRows)
    for (const [member, { rate, lead }] of paces.entries()) {
      const first = made[member] ?? 0;
      const count = Math.min(members[member]?.rows ?? 0, rate * end + lead) - first;
      if (count <= 0) continue;
      const kept = (consumers[member] ?? []).map(({ by, need }) => firstRead(need, made[by] ?? 0));
      calls.push({ member, first, count, keptFrom: Math.min(first, ...kept), made: [...made] });
      made[member] = first + count;
    }
  return calls;
}
