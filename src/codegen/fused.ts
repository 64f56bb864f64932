import type { Argument } from '../operators/operator.ts';
import type { FusedGroup, FusedMember } from '../plan/fused_group.ts';
import type { Layer, Plan } from '../plan/plan.ts';
import { consumersOf, type RowNeed } from '../plan/rows.ts';
import { argumentName, argumentType, literal } from './arguments.ts';
import { integerLiteral, wrapped } from './c_text.ts';

/** The C of a fused layer: a loop of rounds, in which each member makes its new rows; see runtime/kernels/rows.h. */

export function fusedLayer(plan: Plan, layer: Layer, group: FusedGroup, title: string): string {
  const symbol = `${plan.graph.name}_${layer.symbol}`;
  const functions = rowFunctions(symbol, group.members);
  const last = group.members.length - 1;
  const made = group.members.map((_, index) => `made_${index} = 0`);
  const from = group.members.flatMap((member, index) =>
    member.buffer === null ? [] : [`from_${index} = 0`],
  );
  const { firstEnd, bandRows, members } = group;
  return `${[...new Map(functions.map(({ name, text }) => [name, text])).values()].join('\n')}
${title},
 * fused: in rounds of ${bandRows} ${bandRows === 1 ? 'row' : 'rows'} of the output, and of what that needs before it. */
void ${symbol}(int8_t *arena) {
    int8_t *const rows = arena + ${layer.scratchOffset};
    int32_t ${wrapped(made, '        ').trimStart()};
    int32_t ${wrapped(from, '        ').trimStart()};
    for (int32_t end = ${integerLiteral(firstEnd)}; made_${last} < ${members[last]?.rows ?? 0}; end += ${bandRows}) {
        int32_t count;
${members.map((member, index) => memberText(plan, group, index, member, `${functions[index]?.name}`, symbol)).join('')}    }
}
`;
}

/** What a kernel is told at run time about its rows: C name of the field (an element for a list), and of the parameter. */
type RowField =
  | 'padding_top'
  | 'input_height'
  | 'output_height'
  | 'elements'
  | 'count'
  | 'first_row'
  | 'rows';

/** Whether some row reads beyond the last one of the input. */
function reachesOver({ rows }: FusedMember, need: RowNeed): boolean {
  return (rows - 1) * need.stride - need.padding + need.span > need.rows;
}

/** What changes from call to call; all else is a compile-time constant. */
function runTimeFields(member: FusedMember): RowField[] {
  const [need] = member.needs;
  const isFixed = member.rowsPerCall !== null;
  switch (member.control) {
    case 'window':
      return [
        ...(need !== undefined && need.padding > 0 ? (['padding_top'] as const) : []),
        ...(need !== undefined && reachesOver(member, need) ? (['input_height'] as const) : []),
        ...(isFixed ? [] : (['output_height'] as const)),
      ];
    case 'elements':
      return isFixed ? [] : ['elements'];
    case 'count':
      return isFixed ? [] : ['count'];
    case 'gather':
      return ['first_row', ...(isFixed ? [] : (['rows'] as const))];
  }
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
  readonly text: string;
}

/** For each member the function that makes rows of it; members that differ in nothing but their tensors share one. */
function rowFunctions(symbol: string, members: readonly FusedMember[]): RowFunction[] {
  const known = new Map<string, RowFunction>();
  return members.map((member, index) => {
    const { call } = member;
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
    if (before !== undefined) return before;
    const name = `${symbol}_${index}_${call.kernel}`;
    const made = { name, text: text(name) };
    known.set(key, made);
    return made;
  });
}

/** One member's part of a round. */
function memberText(
  plan: Plan,
  group: FusedGroup,
  index: number,
  member: FusedMember,
  function_: string,
  symbol: string,
): string {
  const { call, node, buffer, rows, rowBytes, control } = member;
  const { rate, lead } = member.pace;
  const wanted = `${rate === 1 ? 'end' : `end * ${rate}`}${lead === 0 ? '' : lead > 0 ? ` + ${lead}` : ` - ${-lead}`}`;
  const value = (field: RowField): string => {
    switch (field) {
      case 'padding_top':
        return `first_read(made_${index}, ${member.needs[0]?.stride}, ${member.needs[0]?.padding}) - (${topText(index, member.needs[0])})`;
      case 'input_height':
        return `${member.needs[0]?.rows} - ${firstText(index, member.needs[0])}`;
      case 'output_height':
      case 'rows':
        return 'count';
      case 'elements':
      case 'count':
        return `count * ${rowBytes}`;
      case 'first_row':
        return `made_${index}`;
    }
  };
  const place = (argument: Argument): string => {
    switch (argument.is) {
      case 'constant':
        return `${symbol}_${index}_${argument.name}`;
      case 'scratch':
        return `rows + ${member.scratchOffset}`;
      case 'output': {
        if (buffer !== null) return `rows + ${buffer.offset} + (made_${index} - from_${index}) * ${rowBytes}`;
        const start = `arena + ${placeOf(plan, node.operator.outputs[0])}`;
        return control === 'gather' ? start : `${start} + made_${index} * ${rowBytes}`;
      }
      case 'input': {
        const need = member.needs.find(({ position }) => position === argument.index);
        if (need === undefined)
          throw new Error(`input ${argument.index} of a fused layer is not made of rows`);
        const row = firstText(index, need);
        const source = need.source === null ? undefined : group.members[need.source];
        return source?.buffer == null
          ? `arena + ${placeOf(plan, node.operator.inputs[need.position])} + ${row} * ${need.rowBytes}`
          : `rows + ${source.buffer.offset} + (${row} - from_${need.source}) * ${need.rowBytes}`;
      }
    }
  };
  const given = [...call.arguments.map(place), ...runTimeFields(member).map(value)];
  return `        count = rows_until(${wanted}, ${rows}) - made_${index};
        if (count > 0) {
${buffer === null ? '' : `            ${keepText(group, index, member)}\n`}            ${function_}(
${wrapped(given, '                ')});
            made_${index} += count;
        }
`;
}

/** The first row that the next call reads of an input. */
function firstText(index: number, need: RowNeed | undefined): string {
  if (need === undefined) throw new Error('a window reads rows');
  return need.padding === 0
    ? `made_${index}${need.stride === 1 ? '' : ` * ${need.stride}`}`
    : `first_read(made_${index}, ${need.stride}, ${need.padding})`;
}

/** The same, above the first row where padding comes before it. */
function topText(index: number, need: RowNeed | undefined): string {
  if (need === undefined) throw new Error('a window reads rows');
  return `made_${index} * ${need.stride} - ${need.padding}`;
}

/** Before a member makes new rows, those that some other one still reads move to the start of its buffer. */
function keepText(
  { members }: FusedGroup,
  index: number,
  { buffer, rowBytes, keepsRows }: FusedMember,
): string {
  if (!keepsRows) return `from_${index} = made_${index};`;
  const firsts = [...new Set(consumersOf(members, index).map(({ by, need }) => firstText(by, need)))];
  const first = firsts.reduce((a, b) => `lower_row(${a}, ${b})`);
  return `from_${index} = keep_rows(rows + ${buffer?.offset}, ${rowBytes}, from_${index}, ${first}, made_${index});`;
}

function placeOf(plan: Plan, tensor = -1): number {
  const offset = plan.offsets.get(tensor);
  if (offset === undefined) throw new Error(`tensor ${tensor} has no place in the arena`);
  return offset;
}
