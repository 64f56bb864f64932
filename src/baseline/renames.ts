import { type Measurement, measurementKey } from '../measurement.ts';

/** The same model on the same target under two names. */
export interface RenamedModel {
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Models that only have another name now, told by the content of their file: they are compared with themselves, and are
 * not one that is gone and one that is new. Each old row answers for one new row at most, in the order of both.
 */
export function findRenames(
  before: readonly Measurement[],
  after: readonly Measurement[],
): readonly RenamedModel[] {
  const old = new Set(before.map(measurementKey));
  const now = new Set(after.map(measurementKey));
  const gone = before.filter((each) => !now.has(measurementKey(each)));
  return after
    .filter((each) => !old.has(measurementKey(each)))
    .flatMap(({ model, target }) => {
      const at = gone.findIndex((each) => each.target === target && each.model.sha256 === model.sha256);
      const [found] = at < 0 ? [] : gone.splice(at, 1);
      return found === undefined ? [] : [{ target, from: found.model.name, to: model.name }];
    });
}
