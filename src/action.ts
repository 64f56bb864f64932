import { deliverError } from './github/deliver.ts';
import { commentFailure } from './github/failure_comment.ts';
import type { Mode } from './github/inputs.ts';
import { openSession, type Session } from './github/session.ts';
import { all } from './modes/all.ts';
import { comment } from './modes/comment.ts';
import { measure } from './modes/measure.ts';
import { plan } from './modes/plan.ts';
import { release } from './modes/release.ts';
import { report } from './modes/report.ts';

/** What `uses: tinyml/deploy-action` runs: each mode takes a session and gives an exit code. */
const modes: Readonly<Record<Mode, (session: Session) => Promise<number>>> = {
  all,
  plan,
  measure,
  report,
  comment,
  release,
};

async function run(): Promise<number> {
  const session = openSession(process.env);
  try {
    return await modes[session.inputs.mode](session);
  } catch (error) {
    await commentFailure(error, session);
    throw error;
  }
}

process.exitCode = await run().catch((error: unknown) => deliverError(error));
