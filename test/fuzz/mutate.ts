/** Numbers below `limit`, the same for the same seed (linear congruence, Numerical Recipes). */
export type Random = (limit: number) => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Values that lengths, offsets, counts and types break at. */
const telling = [
  0, 1, 2, 4, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

const largestInput = 256 * 1024;

type Mutation = (
  bytes: Uint8Array,
  random: Random,
  other: Uint8Array,
  words: readonly Uint8Array[],
) => Uint8Array;

const mutations: readonly Mutation[] = [
  (bytes, random) => withByte(bytes, random(bytes.length), random(256)),
  (bytes, random) => {
    const at = random(bytes.length);
    return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random(8)));
  },
  (bytes, random) => withWord(bytes, random(bytes.length) & ~3, telling[random(telling.length)] ?? 0),
  (bytes, random) => withWord(bytes, random(bytes.length) & ~3, random(bytes.length + 1)),
  (bytes, random) => {
    const at = random(bytes.length);
    return withByte(bytes, at, (bytes[at] ?? 0) + random(9) - 4);
  },
  // Removed, repeated, moved: what reaches readers of lengths and ends.
  (bytes, random) => {
    const at = random(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(16)));
  },
  (bytes, random) => {
    const at = random(bytes.length);
    const end = at + random(64);
    return joined(bytes.subarray(0, end), bytes.subarray(at));
  },
  (bytes, random) =>
    bytes.slice().copyWithin(random(bytes.length), random(bytes.length), random(bytes.length)),
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random, other) =>
    joined(bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))),
  (bytes, random, other) => {
    const at = random(bytes.length);
    const from = random(other.length);
    const length = random(64);
    return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + length));
  },
  (bytes, random, _other, words) => {
    const at = random(bytes.length);
    const word = words[random(words.length)] ?? new Uint8Array();
    return joined(bytes.subarray(0, at), word, bytes.subarray(random(2) === 0 ? at : at + word.length));
  },
];

/** One to eight changes at random; `other` lends what it has, `words` are what the format knows by name. */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  other: Uint8Array,
  words: readonly Uint8Array[],
): Uint8Array {
  let result = bytes;
  for (let changes = 1 + random(8); changes > 0; changes -= 1)
    result = (mutations[random(mutations.length)] as Mutation)(result, random, other, words);
  return result.subarray(0, largestInput);
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const result = bytes.slice();
  if (at < result.length) result[at] = value;
  return result;
}

function withWord(bytes: Uint8Array, at: number, value: number): Uint8Array {
  if (at + 4 > bytes.length) return bytes;
  const result = bytes.slice();
  new DataView(result.buffer).setUint32(at, value, true);
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
