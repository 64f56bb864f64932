import { DeployError } from '../errors.ts';
import type { GitHubClient } from './client.ts';

const timeLimitMs = 120_000;

/**
 * An artifact as GitHub keeps it, a zip archive of at most `limit` bytes, whatever was declared. GitHub leads to a storage
 * with a signed address, which the token must not reach. Throws DeployError: `input` above the limit, `tool` where it
 * can't be had.
 */
export async function artifactArchive(
  octokit: GitHubClient,
  place: { readonly owner: string; readonly repo: string },
  artifact: { readonly id: number; readonly size_in_bytes: number },
  limit: number,
): Promise<Uint8Array> {
  if (artifact.size_in_bytes > limit) throw tooLarge(limit);
  const { headers } = await octokit.request(
    'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}',
    { ...place, artifact_id: artifact.id, archive_format: 'zip', request: { redirect: 'manual' } },
  );
  if (headers.location === undefined) throw cannot('GitHub does not say where it is');
  const { HttpClient } = await import('@actions/http-client');
  const client = new HttpClient('tinyml-deploy', [], {
    socketTimeout: 30_000,
    allowRetries: true,
    maxRetries: 2,
  });
  const { message } = await client.get(headers.location);
  const timer = setTimeout(() => message.destroy(new Error('it takes too long')), timeLimitMs);
  try {
    if (message.statusCode !== 200) throw cannot(`the storage answered ${message.statusCode}`);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw error instanceof DeployError
      ? error
      : cannot(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    message.destroy();
  }
}

function tooLarge(limit: number): DeployError {
  return new DeployError(
    'input',
    `The artifact was refused: it has more than ${limit / 1024 / 1024} MiB.`,
    {},
    'Set `upload-firmware: false` where it is measured.',
  );
}

function cannot(why: string): DeployError {
  return new DeployError('tool', `The artifact could not be downloaded: ${why}.`, {}, 'Run the job again.');
}
