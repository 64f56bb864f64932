import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

const mostRedirects = 10;

/**
 * Answer to a GET, its body unread, after redirects: directly, or through the proxy that the environment names for
 * that address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, in small letters too). Errors are Node's, with a `code`.
 */
export async function get(address: string, signal: AbortSignal): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const answer = await getOnce(url, signal);
    const { location } = answer.headers;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    url = new URL(location, url);
  }
  throw new Error(`it leads from address to address more than ${mostRedirects} times`);
}

function getOnce(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const proxy = getProxyForUrl(url.href);
  const agent = proxy === '' ? undefined : new HttpsProxyAgent(proxy);
  return new Promise((resolve, reject) => {
    const options = { signal, ...(agent === undefined ? {} : { agent }) };
    (url.protocol === 'https:' ? getHttps : getHttp)(url, options, resolve).once('error', reject);
  });
}
