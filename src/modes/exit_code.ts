import type { Inputs } from '../github/inputs.ts';
import type { Report } from '../report/report.ts';

/** 0: it passed, or a negative verdict is only to be reported; 1: the verdict is negative. */
export function exitCodeOf({ verdict }: Report, inputs: Inputs): 0 | 1 {
  return verdict.status === 'fail' && inputs['fail-on-negative'] ? 1 : 0;
}
