import pMap from 'p-map';

/**
 * As p-map, but when one item fails, no new one is begun and those under way are waited for before the first error is
 * thrown: a caller that then cleans up has nobody writing behind its back.
 */
export async function mapSettled<Item, Result>(
  items: readonly Item[],
  compute: (item: Item) => Promise<Result>,
  concurrency: number,
): Promise<Result[]> {
  const errors: unknown[] = [];
  const results = await pMap(
    items,
    async (item) => {
      if (errors.length > 0) return [];
      try {
        return [await compute(item)];
      } catch (error) {
        errors.push(error);
        return [];
      }
    },
    { concurrency },
  );
  if (errors.length > 0) throw errors[0];
  return results.flat(1) as Result[];
}
