import type { OctokitPlugin } from '@octokit/core/types';
import type { RetryPlugin } from '@octokit/plugin-retry';
import type { ThrottlingOptions } from '@octokit/plugin-throttling';

export interface ClientOptions {
  /** E.g. `https://github.example.com/api/v3`; else what the runner says in GITHUB_API_URL. */
  readonly apiUrl?: string;
  /** Told in one sentence why something takes longer. */
  readonly say?: (sentence: string) => void;
  /** For tests alone: the limiters of the throttling plugin, and how long a second of waiting takes. */
  readonly testOnly?: Pick<ThrottlingOptions, 'write' | 'notifications'> & {
    readonly secondMs: number;
    readonly requestTimeoutMs?: number;
  };
}

export type GitHubClient = Awaited<ReturnType<typeof githubClient>>;

/** GitHub asks for patience of a minute at most; a limit of an hour is not waited for. */
const longestWaitSeconds = 120;
const retries = 3;
const requestTimeoutMs = 60_000;

/**
 * GitHub's REST and GraphQL API: at github.com or a GHES, through the proxies of the environment. Requests that
 * meet a 5xx, a broken connection, a 429 or a limit of rate are repeated a few times, after the wait that GitHub
 * asks for. Errors have a numeric `status`. The library is loaded when it is needed.
 */
export async function githubClient(token: string, options: ClientOptions = {}) {
  const [{ getOctokit }, { retry }, { throttling }] = await Promise.all([
    import('@actions/github'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const { apiUrl, testOnly } = options;
  const say = options.say ?? (() => {});
  const { secondMs = 1000, requestTimeoutMs: timeoutMs = requestTimeoutMs, ...groups } = testOnly ?? {};
  const patient =
    (limit: string) =>
    (seconds: number, _request: object, _octokit: object, attempt: number): boolean => {
      const waits = seconds <= longestWaitSeconds && attempt < retries;
      say(`GitHub's ${limit} is reached: ${waits ? `trying again in ${seconds} s` : 'not trying again'}.`);
      return waits;
    };
  return getOctokit(
    token,
    {
      ...(apiUrl === undefined ? {} : { baseUrl: apiUrl }),
      log: { debug() {}, info() {}, warn: say, error() {} },
      // What is known to stay as it is, and what the throttling plugin or `retryAfter` waits for.
      retry: {
        retryAfterBaseValue: secondMs,
        retries,
        doNotRetry: [400, 401, 403, 404, 409, 410, 413, 422, 429, 451],
      },
      throttle: {
        ...groups,
        retryAfterBaseValue: secondMs,
        onRateLimit: patient('rate limit'),
        onSecondaryRateLimit: patient('secondary rate limit'),
      },
    },
    // From the innermost to the outermost.
    timeLimit(timeoutMs),
    retryAfter,
    retry,
    throttling,
    ownOptions,
  );
}

/** Ends an attempt, not the request, when nothing comes. */
function timeLimit(milliseconds: number): OctokitPlugin {
  return (octokit) => {
    octokit.hook.wrap('request', async (request, options) => {
      if (options.request.signal !== undefined) return await request(options);
      // Put into the object itself: the hooks below were bound to it.
      options.request.signal = AbortSignal.timeout(milliseconds);
      try {
        return await request(options);
      } finally {
        delete options.request.signal;
      }
    });
  };
}

/** Requests without options of their own share one object, in which the plugins count attempts. */
const ownOptions: OctokitPlugin = (octokit) => {
  octokit.hook.wrap('request', (request, options) => {
    options.request = { ...options.request };
    return request(options);
  });
};

/** The one case that neither plugin waits for: a 429 that says how long, but not which limit is reached. */
const retryAfter: OctokitPlugin = (octokit) => {
  octokit.hook.error('request', (error) => {
    if (!('status' in error) || error.status !== 429) throw error;
    const seconds = Number(error.response?.headers['retry-after']);
    const isOfThrottling =
      /\bsecondary rate\b/i.test(error.message) || error.response?.headers['x-ratelimit-remaining'] === '0';
    if (isOfThrottling || !(seconds <= longestWaitSeconds)) throw error;
    // Put there by the plugin that comes next.
    const { retry } = octokit as typeof octokit & RetryPlugin;
    throw retry.retryRequest(error, retries, seconds);
  });
};
