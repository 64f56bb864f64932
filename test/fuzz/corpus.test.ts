import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corpusOf } from './fuzz.ts';
import { fuzzTargets, misbehaviour } from './targets.ts';

for (const [name, target] of Object.entries(fuzzTargets)) {
  test(`each input that the fuzzer kept for ${name} is taken or refused in one sentence`, () => {
    const corpus = corpusOf(name);
    assert.ok(corpus.size > 0, 'the corpus is empty');
    for (const [file, bytes] of corpus) assert.equal(misbehaviour(target, bytes), null, file);
  });
}
