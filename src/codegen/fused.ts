import type { Argument } from '../operators/operator.ts';
import { type FusedGroup, type FusedMember, type RowField, runTimeFields } from '../plan/fused_group.ts';
import type { Layer, Plan } from '../plan/plan.ts';
import { consumersOf, type Pace, type RowNeed } from '../plan/rows.ts';
import { parametersOf } from '../plan/shared_kernels.ts';
import { argumentName, argumentType, literal } from './arguments.ts';
import { integerLiteral, wrapped } from './c_text.ts';
import { ownTable, type SharedUse, sharedCall, sharedOf } from './shared.ts';

/** The C of a fused layer: a loop of rounds, in which each member makes its new rows; see runtime/kernels/rows.h. */

export function fusedLayer(plan: Plan, layer: Layer, group: FusedGroup, title: string): string {
  const symbol = `${plan.graph.name}_${layer.symbol}`;
  const { firstEnd, bandRows, members } = group;
  const uses = members.map((_, member) => sharedOf(plan, { step: layer.step, member }));
  const functions = rowFunctions(symbol, members, uses);
  const blocks = blocksOf(members);
  const made = blocks.map(([first]) => `made_${first} = 0`);
  const from = members.flatMap((_, index) => (needsFrom(members, index) ? [`from_${index} = 0`] : []));
  const tables = uses.map((use, index) =>
    use === null
      ? ''
      : ownTable(use, parametersOf({ call: (members[index] as FusedMember).call, reverse: false })),
  );
  const text = blocks.map((block) => {
    const { rows, pace } = members[block[0] ?? 0] as FusedMember;
    const calls = block.map((index) => {
      const of = { plan, symbol, members, index, made: `made_${block[0]}` };
      return memberText(of, functions[index] as RowFunction);
    });
    return `        count = rows_until(${wantedText(pace)}, ${rows}) - made_${block[0]};
        if (count > 0) {
${calls.join('')}            made_${block[0]} += count;
        }
`;
  });
  const last = blocks.at(-1)?.[0];
  return `${functions.map((each) => each.text).join('')}${tables.join('')}${title},
 * fused: in rounds of ${bandRows} ${bandRows === 1 ? 'row' : 'rows'} of the output, and of what that needs before it. */
void ${symbol}(int8_t *arena) {
    int8_t *const rows = arena + ${layer.scratchOffset};
    int32_t ${wrapped(made, '        ').trimStart()};
${from.length === 0 ? '' : `    int32_t ${wrapped(from, '        ').trimStart()};\n`}    for (int32_t end = ${integerLiteral(firstEnd)}; made_${last} < ${members.at(-1)?.rows ?? 0}; end += ${bandRows}) {
        int32_t count;
${text.join('')}    }
}
`;
}

/** Members one behind the other that always make the same rows: one count serves them. */
function blocksOf(members: readonly FusedMember[]): number[][] {
  const blocks: number[][] = [];
  for (const [index, { rows, pace }] of members.entries()) {
    const block = blocks.at(-1);
    const first = members[block?.[0] ?? -1];
    const isAlike = first?.rows === rows && first.pace.rate === pace.rate && first.pace.lead === pace.lead;
    if (block !== undefined && isAlike) block.push(index);
    else blocks.push([index]);
  }
  return blocks;
}

/** How many rows of the last member's `end` follow from it. */
function wantedText({ rate, lead }: Pace): string {
  const scaled = rate === 1 ? 'end' : `end * ${rate}`;
  return `${scaled}${lead === 0 ? '' : lead > 0 ? ` + ${lead}` : ` - ${-lead}`}`;
}

/** Whether the first row of a member's buffer has to be known while it runs. */
function needsFrom(members: readonly FusedMember[], index: number): boolean {
  const isRead = members.some(({ needs, readsFromStart }) =>
    needs.some(({ source, position }) => source === index && !readsFromStart.includes(position)),
  );
  return members[index]?.buffer !== null && (members[index]?.keepsRows === true || isRead);
}

/** The fields of the kernel's struct, in C. */
function fieldsOf(member: FusedMember): string[] {
  const fixed: Record<string, number | readonly number[]> = { ...member.call.parameters };
  const changing = runTimeFields(member);
  const [need] = member.needs;
  const written = new Map<string, string>();
  const elements = (member.rowsPerCall ?? 0) * member.rowBytes;
  switch (member.control) {
    case 'window': {
      const height = member.rowsPerCall === null ? 'output_height' : String(member.rowsPerCall);
      written.set('output_height', height);
      if (need !== undefined && !changing.includes('input_height'))
        written.set('input_height', inputHeight(need, height, changing.includes('padding_top')));
      break;
    }
    case 'elements':
      written.set('shape', `{1, 1, 1, ${changing.includes('elements') ? 'elements' : elements}}`);
      break;
    case 'count':
      written.set('count', changing.includes('count') ? 'count' : String(elements));
      break;
    case 'gather':
      written.set('rows', changing.includes('rows') ? 'rows' : String(member.rowsPerCall));
      written.set('first_row', 'first_row');
      break;
  }
  for (const field of changing) if (field !== 'elements') written.set(field, field);
  const names = [...new Set([...Object.keys(fixed), ...written.keys()])];
  return names.map((name) => `.${name} = ${written.get(name) ?? literal(fixed[name] ?? 0)}`);
}

/** No row reads beyond the input's last: as many rows are there as these read. So the compiler sees that none is missing. */
function inputHeight({ stride, span }: RowNeed, height: string, isPadded: boolean): string {
  const rows = `(${height} - 1) * ${stride} + ${span}`;
  return isPadded ? `${rows} - padding_top` : rows;
}

interface RowFunction {
  readonly name: string;
  /** Empty where the function is another's too. */
  readonly text: string;
  readonly use: SharedUse | null;
}

/** For each member the function that makes rows of it; members that differ in nothing but their tensors share one. */
function rowFunctions(
  symbol: string,
  members: readonly FusedMember[],
  uses: readonly (SharedUse | null)[],
): RowFunction[] {
  const known = new Map<string, RowFunction>();
  return members.map((member, index) => {
    const { call } = member;
    const use = uses[index] ?? null;
    if (use !== null) return { name: use.name, text: '', use };
    const parameters = [
      ...call.arguments.map((argument) => `${argumentType(call, argument)}${argumentName(argument)}`),
      ...runTimeFields(member).map((field) => `int32_t ${field}`),
    ];
    const text = (name: string): string => `TINYML_LAYER static void ${name}(
${wrapped(parameters, '    ')})
{
    ${call.kernel}(
${wrapped(call.arguments.map(argumentName), '        ')},
        (struct ${call.parametersType}){
${wrapped(fieldsOf(member), '            ')}});
}
`;
    const key = text('');
    const before = known.get(key);
    if (before !== undefined) return { ...before, text: '' };
    const name = `${symbol}_${index}_${call.kernel}`;
    const made = { name, text: `${text(name)}\n`, use: null };
    known.set(key, made);
    return made;
  });
}

interface MemberPlace {
  readonly plan: Plan;
  readonly symbol: string;
  readonly members: readonly FusedMember[];
  readonly index: number;
  /** The variable that counts its rows. */
  readonly made: string;
}

/** One member's call in a round. */
function memberText(of: MemberPlace, { name, use }: RowFunction): string {
  const { plan, symbol, members, index, made } = of;
  const member = members[index] as FusedMember;
  const { call, node, buffer, rowBytes, control } = member;
  const [window] = member.needs;
  const value = (field: RowField): string => {
    switch (field) {
      case 'padding_top':
        return window === undefined || window.padding === 0
          ? '0'
          : `${firstText(made, window)} - (${made} * ${window.stride} - ${window.padding})`;
      case 'input_height':
        return `${window?.rows} - ${window === undefined ? 0 : firstText(made, window)}`;
      case 'output_height':
      case 'rows':
        return 'count';
      case 'elements':
      case 'count':
        return `count * ${rowBytes}`;
      case 'first_row':
        return made;
    }
  };
  const inputText = (position: number): string => {
    const need = member.needs.find((each) => each.position === position);
    if (need === undefined) throw new Error(`input ${position} of a fused layer is not made of rows`);
    const row = firstText(made, need);
    const source = members[need.source ?? -1];
    if (source?.buffer == null)
      return `arena + ${placeOf(plan, node.operator.inputs[position])} + ${row} * ${need.rowBytes}`;
    const start = `rows + ${source.buffer.offset}`;
    return member.readsFromStart.includes(position)
      ? start
      : `${start} + (${row} - from_${need.source}) * ${need.rowBytes}`;
  };
  const place = (argument: Argument): string => {
    switch (argument.is) {
      case 'constant':
        return `${symbol}_${index}_${argument.name}`;
      case 'scratch':
        return `rows + ${member.scratchOffset}`;
      case 'output': {
        if (buffer === null) {
          const start = `arena + ${placeOf(plan, node.operator.outputs[0])}`;
          return control === 'gather' ? start : `${start} + ${made} * ${rowBytes}`;
        }
        const start = `rows + ${buffer.offset}`;
        return member.keepsRows ? `${start} + (${made} - from_${index}) * ${rowBytes}` : start;
      }
      case 'input':
        return inputText(argument.index);
    }
  };
  const places = call.arguments.map(place);
  const indent = '                ';
  const called =
    use === null
      ? `${name}(\n${wrapped([...places, ...runTimeFields(member).map(value)], indent)});\n`
      : sharedCall(use, places, (field) => value(field as RowField), indent);
  return `${keepText(of, member)}            ${called}`;
}

/** The first row that the next call reads of an input. */
function firstText(made: string, { stride, padding }: RowNeed): string {
  if (padding > 0) return `first_read(${made}, ${stride}, ${padding})`;
  return stride === 1 ? made : `${made} * ${stride}`;
}

/** Before a member makes new rows, those that some other one still reads move to the start of its buffer. */
function keepText(
  { members, index, made }: MemberPlace,
  { buffer, rowBytes, keepsRows }: FusedMember,
): string {
  if (!needsFrom(members, index)) return '';
  if (!keepsRows) return `            from_${index} = ${made};\n`;
  const blocks = blocksOf(members);
  const madeBy = (by: number): string => `made_${blocks.find((block) => block.includes(by))?.[0]}`;
  const firsts = [...new Set(consumersOf(members, index).map(({ by, need }) => firstText(madeBy(by), need)))];
  const first = firsts.reduce((a, b) => `lower_row(${a}, ${b})`);
  return `            from_${index} = ${rowBytes % 4 === 0 ? 'keep_rows' : 'keep_rows_of_bytes'}(rows + ${buffer?.offset}, ${rowBytes}, from_${index}, ${first}, ${made});\n`;
}

function placeOf(plan: Plan, tensor = -1): number {
  const offset = plan.offsets.get(tensor);
  if (offset === undefined) throw new Error(`tensor ${tensor} has no place in the arena`);
  return offset;
}
