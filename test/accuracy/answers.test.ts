import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  compareAnswers,
  packAnswers,
  packClasses,
  packFlags,
  rightByClass,
} from '../../src/accuracy/answers.ts';
import type { Answers } from '../../src/measurement.ts';

function classAnswers(
  answers: readonly number[],
  truths: readonly number[],
  fields: Partial<Answers> = {},
): Answers {
  return {
    data: 'a',
    of: answers.length,
    samples: answers.length,
    kind: 'class',
    tolerance: 0,
    classes: [],
    answers: packAnswers('class', answers),
    truths: packClasses(truths),
    right: packFlags(answers.map((answer, at) => answer === truths[at])),
    ...fields,
  };
}

function valueAnswers(values: readonly number[], fields: Partial<Answers> = {}): Answers {
  const packed = { answers: packAnswers('value', values), truths: null, right: null };
  return { ...classAnswers(values, values), kind: 'value', ...packed, ...fields };
}

describe('compareAnswers', () => {
  const truths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

  it('finds each sample that is answered differently, what was right and is wrong first', () => {
    const before = classAnswers([0, 1, 2, 3, 0, 0, 6, 7, 8, 9], truths);
    const after = classAnswers([0, 1, 2, 9, 4, 1, 6, 7, 8, 0], truths);
    const compared = compareAnswers(before, after);
    assert.ok(compared.kind === 'compared');
    assert.deepEqual(
      compared.changed.map(({ index, before: from, after: to, truth }) => [index, from, to, truth]),
      [
        [3, 3, 9, 3],
        [9, 9, 0, 9],
        [4, 0, 4, 4],
        [5, 0, 1, 5],
      ],
    );
    assert.deepEqual([compared.lost, compared.gained], [2, 1]);
  });

  it('names samples by their place in all of the data', () => {
    const spread = { of: 100 };
    const compared = compareAnswers(
      classAnswers([1, 1, 1], [1, 1, 1], spread),
      classAnswers([1, 1, 0], [1, 1, 1], spread),
    );
    assert.deepEqual(compared.kind === 'compared' ? compared.changed.map(({ index }) => index) : [], [66]);
  });

  it('takes more than 256 classes', () => {
    const compared = compareAnswers(classAnswers([300, 2], [300, 2]), classAnswers([301, 2], [300, 2]));
    const [changed] = compared.kind === 'compared' ? compared.changed : [];
    assert.deepEqual([changed?.before, changed?.after, changed?.truth], [300, 301, 300]);
    // One has a class beyond 255, the other has not.
    assert.equal(
      compareAnswers(classAnswers([2, 3], [2, 3]), classAnswers([300, 3], [2, 3])).kind,
      'compared',
    );
  });

  it('counts values within the tolerance as the same, and lists the largest change first', () => {
    const after = valueAnswers([1.05, 2.5, -3], { tolerance: 0.1 });
    const compared = compareAnswers(valueAnswers([1, 2, 3]), after);
    assert.ok(compared.kind === 'compared');
    assert.deepEqual(
      compared.changed.map(({ index }) => index),
      [2, 1],
    );
    assert.equal(compared.lost, null);
  });

  it('compares only answers to the same samples, and says why not', () => {
    const now = classAnswers([0, 1], [0, 1]);
    const why = (before: Answers | null, after: Answers | null = now) => {
      const compared = compareAnswers(before, after);
      return compared.kind === 'incomparable' ? compared.why : 'compared';
    };
    assert.equal(why(null), 'the baseline has no answers');
    assert.equal(why(now, null), 'there is no test data');
    assert.equal(why({ ...now, data: 'b' }), 'the baseline was measured on other test data');
    assert.equal(why({ ...now, of: 3 }), 'the baseline was measured on other test data');
    assert.equal(why(valueAnswers([0, 1])), 'the baseline has answers of another kind');
    assert.equal(why(now), 'compared');
  });

  it('cannot be misled by answers that are not what they say they are', () => {
    const now = classAnswers([0, 1], [0, 1]);
    for (const broken of [
      { ...now, answers: '' },
      { ...now, answers: 'AAAAAAAA' },
      { ...now, truths: 'AA==' },
      { ...now, right: '' },
      { ...now, samples: 1e12, of: 1e12 },
    ]) {
      const compared = compareAnswers(broken, { ...now, samples: broken.samples, of: broken.of });
      assert.deepEqual(compared, { kind: 'incomparable', why: 'the answers cannot be read' });
    }
  });
});

describe('rightByClass', () => {
  it('counts by the right class', () => {
    assert.deepEqual(
      [...(rightByClass(classAnswers([0, 1, 0, 2], [0, 1, 1, 2])) ?? [])],
      [
        [0, { samples: 1, right: 1 }],
        [1, { samples: 2, right: 1 }],
        [2, { samples: 1, right: 1 }],
      ],
    );
    assert.equal(rightByClass(valueAnswers([1, 2])), null);
  });
});
