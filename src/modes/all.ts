import { deliver } from '../github/deliver.ts';
import { phase, type Session } from '../github/session.ts';
import { judge } from '../judge/judge.ts';
import { baselineReasons, baseOf, keepForLater, measureHere } from './change.ts';
import { exitCodeOf } from './exit_code.ts';

/** Everything in one job: project → measurements, now and before → report → everyone who waits for it. */
export async function all(session: Session): Promise<number> {
  const project = session.loadProject(session.projectFolder);
  const base = await phase('Base commit', () => baseOf(session));
  const { measurements, limits, baseline, reused, trend, identity } = await measureHere(
    session,
    project,
    base,
  );
  const report = judge(measurements, baseline, limits, {
    ...(await session.judgeContext(project)),
    reused,
    trend,
    reasons: baselineReasons(session, baseline),
  });
  await keepForLater(session, identity, report);
  return exitCodeOf(await deliver(report, project, session), session.inputs);
}
