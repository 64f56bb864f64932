import { type ChangedAnswer, className, compareAnswers } from '../accuracy/answers.ts';
import type { Answers, Measurement } from '../measurement.ts';
import { counted, grouped, significant } from './numbers.ts';
import type { BudgetResult, Row } from './report.ts';

/** Which answers differ from the baseline's, in words. */
export interface AnswersView {
  /** `12 answers changed`, `no answer changed`; empty where they cannot be compared. */
  readonly count: string;
  /** `12 of 1,000 answers changed: 7 right ones are wrong now, 5 wrong ones right.`, or why nothing can be told. */
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
  const turns =
    lost === null || gained === null || changed.length === 0
      ? ''
      : `: ${grouped(lost)} right before and wrong now, ${grouped(gained)} wrong before and right now`;
  return {
    count: changed.length === 0 ? 'no answer changed' : `${counted(changed.length, 'answer')} changed`,
    sentence: `${start}${turns}.`,
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
