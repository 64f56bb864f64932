import { type BuiltTensor, buildModel } from '../import/build_model.ts';
import { connected, type Draft, layer, push, type Random, randomOf, type Shape, value } from './network.ts';

/**
 * Networks of the kinds and sizes that people deploy, with numbers that no benchmark has: odd heights and widths, channel
 * counts that no block divides, dilations, depthwise multipliers above one. No channel is constant, so nothing can be removed.
 */

export const families = ['keyword', 'mobile', 'residual', 'dense'] as const;
export type Family = (typeof families)[number];

export interface OddNetwork {
  readonly bytes: Uint8Array;
  readonly macs: number;
  readonly family: Family;
}

/** Seeds 0, 1, 2, 3 are one of each family, and so on. */
export function oddNetwork(seed: number): OddNetwork {
  const family = families[seed % families.length] as Family;
  const random = randomOf(seed);
  // The first numbers of seeds side by side are alike.
  for (let i = 0; i < 8; i += 1) random(2);
  const draft: Draft = { tensors: [], operators: [], macs: 0 };
  const [input, output] = build[family](draft, random);
  const { tensors, operators, macs } = draft;
  return { bytes: buildModel({ tensors, operators, inputs: [input], outputs: [output] }), macs, family };
}

type Built = readonly [input: number, output: number];

const build: Readonly<Record<Family, (draft: Draft, random: Random) => Built>> = {
  keyword: (draft, random) => {
    const chain = start(draft, random, [odd(random, 25, 51), odd(random, 9, 15), 1]);
    const { input } = chain;
    chain.layer({
      filter: [3 + random(8), 3 + random(3)],
      same: true,
      outputs: uneven(random, 27, 67),
      stride: [2, 2],
    });
    for (let block = 0; block < 3; block += 1) {
      chain.depthwise({ filter: [3, 3] });
      chain.layer({ filter: [1, 1], same: true, outputs: uneven(random, 27, 67) });
    }
    return [input, chain.classified(2 + random(14))];
  },
  mobile: (draft, random) => {
    const chain = start(draft, random, [odd(random, 41, 71), odd(random, 41, 71), 3]);
    const { input } = chain;
    let width = uneven(random, 6, 11);
    chain.layer({ filter: [3, 3], same: true, outputs: width, stride: [2, 2] });
    for (let block = 0; block < 7; block += 1) {
      const stride = block % 2 === 1 ? 2 : 1;
      chain.depthwise({
        filter: [3, 3],
        stride: [stride, stride],
        multiplier: random(4) === 0 ? 2 : 1,
        dilation: stride === 1 && random(4) === 0 ? 2 : 1,
      });
      width = block % 2 === 0 ? uneven(random, 2 * width - 3, 2 * width + 5) : width;
      chain.layer({ filter: [1, 1], same: true, outputs: width });
    }
    return [input, chain.classified(2 + random(9))];
  },
  residual: (draft, random) => {
    const chain = start(draft, random, [odd(random, 17, 29), odd(random, 17, 29), 3]);
    const { input } = chain;
    let width = uneven(random, 11, 19);
    chain.layer({ filter: [3, 3], same: true, outputs: width });
    for (let block = 0; block < 2; block += 1) {
      chain.residual([3, 3]);
      width = uneven(random, width + 5, width + 15);
      chain.layer({ filter: [3, 3], same: true, outputs: width, stride: [2, 2] });
    }
    chain.layer({ filter: [3, 3], same: true, outputs: width, dilation: 2 });
    return [input, chain.classified(3 + random(20))];
  },
  dense: (draft, random) => {
    const widths = [
      uneven(random, 301, 645),
      uneven(random, 65, 131),
      uneven(random, 65, 131),
      7 + random(7),
    ];
    const input = push(draft.tensors, {
      shape: [1, widths[0] as number],
      scales: [0.05],
      zeroPoints: [random(256) - 128],
    });
    let at = input;
    for (const [index, width] of widths.slice(1).entries())
      at = connected(draft, random, at, widths[index] as number, width);
    at = connected(draft, random, at, widths[3] as number, widths[1] as number);
    return [input, connected(draft, random, at, widths[1] as number, widths[0] as number)];
  },
};

type LayerOf = Omit<Parameters<typeof layer>[4], 'isAlive'>;

/** Layers one behind the other. */
function start(draft: Draft, random: Random, first: Shape) {
  let shape = first;
  const input = value(draft, random, shape);
  let at = input;
  const add = (of: LayerOf): void => {
    at = layer(draft, random, at, shape, { ...of, isAlive: true });
    const [, height = 1, width = 1] = (draft.tensors[at] as BuiltTensor).shape ?? [];
    shape = [height, width, of.outputs];
  };
  return {
    input,
    layer: add,
    depthwise: ({
      multiplier = 1,
      ...of
    }: Omit<LayerOf, 'outputs' | 'same' | 'isDepthwise'> & { readonly multiplier?: number }): void =>
      add({ ...of, same: true, outputs: shape[2] * multiplier, isDepthwise: true }),
    residual: (filter: readonly [number, number]): void => {
      const from = at;
      add({ filter, same: true, outputs: shape[2] });
      add({ filter, same: true, outputs: shape[2] });
      const sum = value(draft, random, shape);
      draft.operators.push({
        code: 0,
        inputs: [from, at],
        outputs: [sum],
        options: { type: 11, fields: [{ field: 0, int8: 1 }] },
      });
      at = sum;
    },
    /** Average over all positions, then a dense layer. */
    classified: (classes: number): number => {
      const [height, width, channels] = shape;
      const from = draft.tensors[at] as BuiltTensor;
      const pool = push(draft.tensors, { ...from, shape: [1, 1, 1, channels] });
      draft.operators.push({
        code: 1,
        inputs: [at],
        outputs: [pool],
        options: {
          type: 5,
          fields: [
            { field: 0, int8: 1 },
            { field: 1, int32: 1 },
            { field: 2, int32: 1 },
            { field: 3, int32: width },
            { field: 4, int32: height },
            { field: 5, int8: 0 },
          ],
        },
      });
      const flat = push(draft.tensors, { ...from, shape: [1, channels] });
      draft.operators.push({ code: 22, inputs: [pool], outputs: [flat] });
      return connected(draft, random, flat, channels, classes);
    },
  };
}

/** An odd number from `low` to `high`, which are odd. */
function odd(random: Random, low: number, high: number): number {
  return low + 2 * random((high - low) / 2 + 1);
}

/** A number from `low` to `high` that four does not divide. */
function uneven(random: Random, low: number, high: number): number {
  const drawn = low + random(high - low + 1);
  return drawn % 4 === 0 ? drawn + 1 : drawn;
}
