import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { after, it } from 'node:test';
import { startFakeGitHub } from './fake_github.ts';

// The library reads address and proxy when it is loaded: so this file has the process for itself.
const github = await startFakeGitHub({ basePath: '/api/v3' });
const port = Number(new URL(github.url).port);
const asked: string[] = [];
const proxy = createServer();
proxy.on('connect', (request, socket) => {
  asked.push(request.url ?? '');
  const onward = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.pipe(socket).pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const address = proxy.address();
assert.ok(typeof address === 'object' && address !== null);
for (const name of ['http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY']) delete process.env[name];
process.env.HTTP_PROXY = `http://127.0.0.1:${address.port}`;
process.env.GITHUB_API_URL = 'http://github.invalid/api/v3';
const { commentApi } = await import('../../src/github/octokit.ts');
const { hurried } = await import('./fake_github.ts');
after(() => {
  proxy.closeAllConnections();
  proxy.close();
  return github.close();
});

it('GitHub is reached through the proxy of the environment, at the address that the runner names', async () => {
  const api = await commentApi('a-token', { owner: 'o', repository: 'r' }, 7, hurried);
  assert.equal(await api.viewer(), 'github-actions[bot]');
  await api.create('text');
  assert.deepEqual(
    github.comments.map(({ body }) => body),
    ['text'],
  );
  assert.ok(asked.length > 0 && asked.every((name) => name === 'github.invalid:80'), asked.join(', '));
});
