import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Choice, type Choices, type Knob, search, type Trial } from '../../src/tune/search.ts';

/** Three layers. `wide` halves a layer's instructions for 100 bytes, `odd` computes something wrong on layer 2. */
const operators = [0, 1, 2];
const knobs: readonly Knob[] = operators.map((operator) => ({
  operator,
  alternatives: [{ variant: 'wide' }, { variant: 'odd' }, { own: false }],
}));
const work = [8_000, 1_000, 100];

function simulated(choices: Choices): Trial | null {
  if (choices.get(2)?.variant === 'odd') return null;
  const shared = operators.filter((operator) => choices.get(operator)?.own === false).length;
  const layers = operators.map((operator) => {
    const { variant, own }: Choice = choices.get(operator) ?? {};
    const base = (work[operator] ?? 0) * (variant === 'wide' ? 0.5 : variant === 'odd' ? 3 : 1);
    return {
      operator,
      instructions: base * (own === false ? 1.01 : 1),
      flash: (own === false ? 20 : 400) + (variant === 'wide' ? 100 : 0),
    };
  });
  return {
    cost: {
      instructions: layers.reduce((sum, { instructions }) => sum + instructions, 0),
      flash: layers.reduce((sum, { flash }) => sum + flash, 10_000) + (shared > 0 ? 500 : 0),
      cycles: null,
      arena: choices.get(0)?.variant === 'wide' ? 2_000 : 1_000,
    },
    layers,
  };
}

async function found(
  optimize: 'size' | 'speed' | 'balanced',
  limits = { flash: 20_000, arena: 4_000 },
  trials = 100,
): Promise<{ readonly choices: Readonly<Record<string, Choice>>; readonly measured: number }> {
  let measured = 0;
  const result = await search(knobs, {
    optimize,
    limits,
    trials,
    measure: async (choices) => {
      measured += 1;
      return simulated(choices);
    },
  });
  assert.ok(result !== null);
  assert.equal(result.trials, measured);
  return { choices: Object.fromEntries(result.choices), measured };
}

describe('the search', () => {
  it('takes what pays within the setting', async () => {
    const { choices } = await found('speed');
    assert.deepEqual(choices[0], { variant: 'wide' }, 'the layer with most work, in a copy of its own');
    assert.equal(choices[1]?.variant, 'wide');
  });
  it('lets layers share where bytes count, though the first to share costs more than it saves', async () => {
    const { choices } = await found('size');
    assert.deepEqual(
      Object.values(choices).map(({ own }) => own),
      [false, false, false],
    );
  });
  it('stays below the limits', async () => {
    const { choices } = await found('speed', { flash: 20_000, arena: 1_000 });
    assert.equal(choices[0]?.variant, undefined);
    assert.equal(choices[1]?.variant, 'wide');
  });
  it('gives the same answer each time', async () => {
    assert.deepEqual(await found('balanced'), await found('balanced'));
  });
  it('measures no more builds than it may', async () => {
    assert.ok((await found('speed', undefined, 6)).measured <= 6);
  });
  it('takes no fewer instructions that are more cycles', async () => {
    const options = { optimize: 'speed', limits: { flash: 20_000, arena: 4_000 }, trials: 50 } as const;
    const result = await search(knobs, {
      ...options,
      measure: async (choices) => {
        const trial = simulated(choices);
        const isWide = choices.get(0)?.variant === 'wide';
        return trial === null
          ? null
          : { ...trial, cost: { ...trial.cost, cycles: isWide ? 30_000 : 20_000 } };
      },
    });
    assert.equal(result?.choices.get(0)?.variant, undefined);
  });
  it('finds nothing where the start cannot be measured', async () => {
    const options = { optimize: 'size', limits: { flash: 0, arena: 0 }, trials: 9 } as const;
    assert.equal(await search(knobs, { ...options, measure: async () => null }), null);
  });
});
