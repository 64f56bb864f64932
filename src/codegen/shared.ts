import { operatorOf } from '../operators/index.ts';
import type { KernelUser, OwnField, Plan, SharedKernel } from '../plan/plan.ts';
import { argumentName, argumentType, literal } from './arguments.ts';
import { wrapped } from './c_text.ts';

/** The C of kernels that several layers call: one function, a table of each caller for what differs. */

export function sharedFunction(plan: Plan, shared: SharedKernel, index: number): string {
  const { kernel, parametersType, common, own, runTime, steps, users } = shared;
  const name = functionName(plan, index, shared);
  const call = callOf(plan, users[0]);
  const given = call?.arguments ?? [];
  const written = stateInputsOf(plan, users[0]);
  const ownValue = ({ field, factor, length }: OwnField): string => {
    const value = (place: string): string => (factor === 1 ? place : `${place} * ${factor}`);
    return length === null
      ? value(`own->${field}`)
      : `{${Array.from({ length }, (_, at) => value(`own->${field}[${at}]`)).join(', ')}}`;
  };
  const fields = [
    ...Object.entries(common).map(([field, value]) => `.${field} = ${literal(value)}`),
    ...own.map((each) => `.${each.field} = ${ownValue(each)}`),
    ...runTime.map((field) =>
      field === 'elements' ? '.shape = {1, 1, 1, elements}' : `.${field} = ${field}`,
    ),
  ];
  const isAlike = own.length === 0;
  const table = isAlike ? '' : `struct ${tableType(plan, index)} {\n${ownDeclarations(own)}\n};\n\n`;
  const difference = isAlike
    ? 'which differ in nothing but their tensors'
    : 'what differs is in a table of each';
  const parameters = [
    ...given.map((argument) => {
      const isWritten = argument.is === 'input' && written.includes(argument.index);
      return `${isWritten ? 'int8_t *' : argumentType(call, argument)}${argumentName(argument)}`;
    }),
    ...(isAlike ? [] : [`const struct ${tableType(plan, index)} *own`]),
    ...runTime.map((field) => `int32_t ${field}`),
  ];
  return `/* ${kernel} for layers ${steps.join(', ')}: ${difference}. */
${table}TINYML_LAYER static void ${name}(
${wrapped(parameters, '    ')})
{
    ${kernel}(
${wrapped(given.map(argumentName), '        ')},
        (struct ${parametersType}){
${wrapped(fields, '            ')}});
}

`;
}

/** One caller of a shared kernel. */
export interface SharedUse {
  readonly shared: SharedKernel;
  readonly name: string;
  readonly tableType: string;
  readonly table: string;
}

/** The shared kernel that a layer, or a member of a fused one, calls; null where it has a copy of its own. */
export function sharedOf(plan: Plan, user: KernelUser): SharedUse | null {
  const index = plan.shared.findIndex(({ users }) =>
    users.some(({ step, member }) => step === user.step && member === user.member),
  );
  const shared = plan.shared[index];
  const layer = plan.layers[user.step];
  if (shared === undefined || layer === undefined) return null;
  const prefix = `${plan.graph.name}_${layer.symbol}`;
  return {
    shared,
    name: functionName(plan, index, shared),
    tableType: tableType(plan, index),
    table: `${prefix}${user.member === null ? '' : `_${user.member}`}_own`,
  };
}

/** The call; `valueAt` gives the fields that are known at run time only. */
export function sharedCall(
  { shared, name, table }: SharedUse,
  values: readonly string[],
  valueAt: (field: string) => string,
  indent: string,
): string {
  const all = [...values, ...(shared.own.length === 0 ? [] : [`&${table}`]), ...shared.runTime.map(valueAt)];
  return `${name}(
${wrapped(all, indent)});
`;
}

/** What is the caller's own, for all its calls. */
export function ownTable(
  { shared, tableType, table }: SharedUse,
  parameters: SharedKernel['common'],
): string {
  if (shared.own.length === 0) return '';
  const fields = shared.own.map(({ field, factor }) => {
    const value = parameters[field] ?? 0;
    const divided = typeof value === 'number' ? value / factor : value.map((each) => each / factor);
    return `.${field} = ${literal(divided)}`;
  });
  return `static const struct ${tableType} ${table} = {
${wrapped(fields, '    ')}};

`;
}

function functionName(plan: Plan, index: number, { kernel }: SharedKernel): string {
  return `${plan.graph.name}_shared_${index}_${kernel}`;
}

function tableType(plan: Plan, index: number): string {
  return `${plan.graph.name}_shared_${index}_own`;
}

function callOf(plan: Plan, user: KernelUser | undefined) {
  const layer = plan.layers[user?.step ?? -1];
  return user?.member == null ? layer?.call : layer?.fused?.members[user.member]?.call;
}

/** The inputs that the kernel writes. Operators that keep state never run as members of a fused layer. */
function stateInputsOf(plan: Plan, user: KernelUser | undefined): readonly number[] {
  const layer = plan.layers[user?.step ?? -1];
  if (layer === undefined || user?.member != null) return [];
  return operatorOf(layer.node.operator.kind).stateInputs ?? [];
}

function ownDeclarations(own: readonly OwnField[]): string {
  return [4, 2, 1]
    .map((width) => ({ width, fields: own.filter(({ bytes }) => bytes === width) }))
    .filter(({ fields }) => fields.length > 0)
    .map(({ width, fields }) => {
      const names = fields.map(({ field, length }) => (length === null ? field : `${field}[${length}]`));
      return `    int${8 * width}_t ${wrapped(names, '        ').trimStart()};`;
    })
    .join('\n');
}
