import type { Measurement } from '../measurement.ts';
import type { Report, TrendPoint } from '../report/report.ts';

/** How many commits of the default branch a report looks back. */
export const trendLength = 20;

/**
 * The trend of what is compared with a commit of the default branch: that commit's own trend, and the commit. A report
 * is only taken as a baseline where the same program measured it with the same tools, and this holds for each step back,
 * so that points of different tools are never mixed: after a change of tools the trend begins anew.
 */
export function extendTrend(
  commit: string,
  measurements: readonly Measurement[],
  report: Pick<Report, 'trend' | 'run'> | null,
): TrendPoint[] {
  const point: TrendPoint = {
    commit,
    at: report?.run.at ?? null,
    rows: measurements.map(({ model, target, flash, ram, instructions }) => ({
      model: model.name,
      target,
      flash: flash.total,
      ram: ram.total,
      instructions: instructions?.total ?? null,
    })),
  };
  const earlier = (report?.trend ?? []).filter((each) => each.commit !== commit);
  return [...earlier, point].slice(-trendLength);
}
