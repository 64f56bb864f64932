import { type ChangedAnswer, className, compareAnswers } from '../accuracy/answers.ts';
import type { Answers, Measurement } from '../measurement.ts';
import { counted, grouped, significant } from './numbers.ts';
import type { BudgetResult, Row } from './report.ts';

/** Which answers differ from the baseline's, in words. */
export interface AnswersView {
  /** `12 answers changed`, `no answer changed`; empty where they cannot be compared. */
  readonly count: string;
  /** `12 of 1,000 answers changed: 7 right before and wrong now, 5 wrong before and right now.`, or why it cannot be told. */
  readonly sentence: string;
  readonly changed: number;
  /** In the order of importance, all of them. */
  readonly items: readonly AnswerView[];
  /** `at most 5`; empty without a budget. */
  readonly budget: string;
  readonly isOver: boolean;
}

export interface AnswerView {
  /** Position in the test data. */
  readonly index: number;
  /** `Down`, `3`, `0.25` */
  readonly before: string;
  readonly after: string;
  /** The right class; empty where it is not known. */
  readonly truth: string;
  readonly turn: 'lost' | 'gained' | 'other';
}

export function answersView(row: Row, before: Measurement, after: Measurement): AnswersView | null {
  const { answers } = after;
  if (answers === null) return null;
  const compared = compareAnswers(before.answers, answers);
  const budget = row.budgets.find(({ metric }) => metric === 'changed-answers');
  const limits = {
    budget:
      budget === undefined || budget.limit === null
        ? ''
        : `at most ${grouped(budget.limit)}${accepted(budget)}`,
    isOver: budget?.status === 'exceeded' || budget?.status === 'unknown',
  };
  if (compared.kind === 'incomparable')
    return {
      count: '',
      sentence: `Which answers changed cannot be told: ${compared.why}.`,
      changed: 0,
      items: [],
      ...limits,
    };
  const { samples, changed, lost, gained } = compared;
  const start = `${grouped(changed.length)} of ${counted(samples, 'answer')} changed`;
  const turns = [
    lost === null || lost === 0 ? '' : `${grouped(lost)} right before and wrong now`,
    gained === null || gained === 0 ? '' : `${grouped(gained)} wrong before and right now`,
  ].filter((part) => part !== '');
  return {
    count: changed.length === 0 ? 'no answer changed' : `${counted(changed.length, 'answer')} changed`,
    sentence: `${start}${turns.length === 0 ? '' : `: ${turns.join(', ')}`}.`,
    changed: changed.length,
    items: changed.map((each) => answerView(each, answers)),
    ...limits,
  };
}

function answerView(changed: ChangedAnswer, answers: Answers): AnswerView {
  const { index, before, after, truth, wasRight, isRight } = changed;
  const shown = (value: number) =>
    answers.kind === 'class' ? className(answers, value) : significant(value);
  return {
    index,
    before: shown(before),
    after: shown(after),
    truth: truth === null ? '' : className(answers, truth),
    turn:
      wasRight === true && isRight === false
        ? 'lost'
        : wasRight === false && isRight === true
          ? 'gained'
          : 'other',
  };
}

function accepted({ status }: BudgetResult): string {
  return status === 'accepted' ? ', accepted' : '';
}

/** A model's answers, once for all of its targets that answer alike. */
export interface AnswerGroup {
  readonly model: string;
  readonly targets: readonly string[];
  readonly answers: AnswersView;
}

/** Models of which an answer changed, or of which it cannot be told though they have answers. */
export function answerGroups(
  rows: readonly { readonly row: Row; readonly answers: AnswersView | null }[],
): AnswerGroup[] {
  const groups = new Map<string, { model: string; targets: string[]; answers: AnswersView }>();
  for (const { row, answers } of rows) {
    if (answers === null || (answers.changed === 0 && answers.count !== '')) continue;
    const key = JSON.stringify([row.model, answers.sentence, answers.items]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { model: row.model, targets: [row.target], answers });
    else known.targets.push(row.target);
  }
  return [...groups.values()];
}

/** `3 (down → go), 17 (left → no) and 10 more`: the first of them, in a line. */
export function itemsText(items: readonly AnswerView[], most: number): string {
  const shown = items.slice(0, most).map(({ index, before, after }) => `${index} (${before} → ${after})`);
  const more = items.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
}
