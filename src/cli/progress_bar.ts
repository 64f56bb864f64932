import { Presets, SingleBar } from 'cli-progress';
import { printable } from '../errors.ts';
import type { Progress, Stage } from '../pipeline.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  readonly end: () => void;
}

const doing: Readonly<Record<Stage, string>> = {
  import: 'reading',
  convert: 'converting',
  quantize: 'quantizing',
  score: 'scoring',
  compile: 'compiling',
  emulate: 'emulating',
  done: 'done',
  reused: 'measured before',
};

/** The same for the quantization of one float model: `show` is given the part that is done, 0 to 1. */
export function quantizationBar(terminal: Terminal): {
  readonly show: (part: number) => void;
  readonly end: () => void;
} {
  if (terminal.stderr.isTTY !== true || terminal.environment.TERM === 'dumb')
    return { show: () => {}, end: () => {} };
  let bar: SingleBar | null = null;
  return {
    show: (part) => {
      if (bar === null) {
        bar = new SingleBar(
          {
            stream: terminal.stderr,
            format: '{bar} {percentage}% quantizing',
            hideCursor: true,
            clearOnComplete: true,
            barsize: 30,
          },
          Presets.shades_classic,
        );
        bar.start(100, 0);
      }
      bar.update(Math.round(100 * part));
    },
    end: () => bar?.stop(),
  };
}

/** A bar on a terminal, gone at the end; nothing where output goes to a file or another program. */
export function progressBar(terminal: Terminal, jobs: number): ProgressBar {
  if (terminal.stderr.isTTY !== true || terminal.environment.TERM === 'dumb')
    return { show: () => {}, end: () => {} };
  // Compiled, emulated, done: each is a third of a job.
  const stages: readonly Stage[] = ['compile', 'emulate', 'done'];
  const bar = new SingleBar(
    {
      stream: terminal.stderr,
      format: '{bar} {percentage}% {what}',
      hideCursor: true,
      clearOnComplete: true,
      barsize: 30,
    },
    Presets.shades_classic,
  );
  bar.start(jobs * stages.length, 0, { what: '' });
  return {
    show: ({ job, stage, part, step }) => {
      const how = part !== undefined ? ` ${Math.floor(100 * part)}%` : step === undefined ? '' : ` (${step})`;
      const what = `${printable(job.model.name, 40)} on ${printable(job.target, 40)}: ${doing[stage]}${how}`;
      if (stage === 'reused') bar.increment(stages.length, { what });
      else if (stages.includes(stage)) bar.increment(1, { what });
      else bar.update({ what });
    },
    end: () => bar.stop(),
  };
}
