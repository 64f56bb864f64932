import { get } from '../install/request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const patienceMs = 3000;
const asked = new Map<string, Promise<boolean>>();

/**
 * Whether the workflow's cache answers. Asked once for each address: where it does not, the cache's own library would
 * try again for half a minute at each entry.
 */
export async function cacheAnswers(environment: Environment, waitMs = patienceMs): Promise<boolean> {
  const { isFeatureAvailable } = await import('@actions/cache');
  if (!isFeatureAvailable()) return false;
  const address = environment.ACTIONS_RESULTS_URL || environment.ACTIONS_CACHE_URL || '';
  const before = asked.get(address);
  if (before !== undefined) return await before;
  const answer = get(address, AbortSignal.timeout(waitMs)).then(
    (response) => {
      response.destroy();
      // Any answer but that of a server that is down: what is at this very path does not matter.
      return ![502, 503, 504].includes(response.statusCode ?? 0);
    },
    () => false,
  );
  asked.set(address, answer);
  return await answer;
}
