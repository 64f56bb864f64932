import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Prediction } from '../../src/accuracy/predict.ts';
import { score } from '../../src/accuracy/score.ts';

const answered = (answers: readonly number[], truths: readonly number[]): Prediction[] =>
  answers.map((answer, at) => ({ answer, isRight: answer === truths[at], error: 0 }));

describe('score', () => {
  it('counts what is right, as a share', () => {
    const truths = [0, 1, 2, 3];
    assert.deepEqual(score({ kind: 'top', k: 1 }, answered([0, 1, 2, 0], truths), truths), {
      value: 75,
      correct: 3,
    });
  });

  it('takes F1 of one class, and the mean over all classes as scikit-learn does', () => {
    const truths = [0, 1, 2, 0, 1, 2];
    const predictions = answered([0, 2, 1, 0, 0, 1], truths);
    // sklearn.metrics.f1_score(truths, answers, average=None) is [0.8, 0, 0].
    assert.equal(score({ kind: 'f1', positive: 0 }, predictions, truths)?.value, 80);
    assert.equal(score({ kind: 'f1', positive: 2 }, predictions, truths)?.value, 0);
    const macro = score({ kind: 'f1', positive: null }, predictions, truths)?.value ?? 0;
    assert.ok(Math.abs(macro - 80 / 3) < 1e-12);
  });

  it('of a class that is in neither labels nor answers is 0, and does not count in the mean', () => {
    const truths = [0, 0, 1];
    const predictions = answered([0, 0, 1], truths);
    assert.equal(score({ kind: 'f1', positive: 7 }, predictions, truths)?.value, 0);
    assert.equal(score({ kind: 'f1', positive: null }, predictions, truths)?.value, 100);
  });

  it('takes the area under the curve by pairs, ties by half', () => {
    // sklearn.metrics.roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) is 0.75.
    const truths = [0, 0, 1, 1];
    assert.equal(score({ kind: 'auc' }, answered([0.1, 0.4, 0.35, 0.8], truths), truths)?.value, 75);
    assert.equal(score({ kind: 'auc' }, answered([0.5, 0.5, 0.5, 0.5], truths), truths)?.value, 50);
    assert.equal(score({ kind: 'auc' }, answered([0, 0.2, 0.2, 1], truths), truths)?.value, 87.5);
    assert.equal(score({ kind: 'auc' }, answered([4, 3, 2, 1], truths), truths)?.value, 0);
    assert.equal(score({ kind: 'auc' }, answered([1, 2], [1, 1]), [1, 1]), null);
  });

  it('takes the mean of errors', () => {
    const predictions = [0.5, 1, 3].map((error) => ({ answer: 0, isRight: null, error }));
    assert.equal(score({ kind: 'mae' }, predictions, [0, 0, 0])?.value, 1.5);
  });

  it('of nothing is nothing', () => {
    assert.equal(score({ kind: 'top', k: 1 }, [], []), null);
  });
});
