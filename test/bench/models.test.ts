import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type BenchModel, benchModels, findModels } from '../../bench/models.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-models-'));
const content = Buffer.from('as the repository has it');
let asked = 0;
let server: Server;

/** `/good`, `/busy` at first and then good, `/other` bytes, `/endless`. */
before(async () => {
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/busy' && asked === 1) return response.writeHead(503).end();
    if (request.url === '/missing') return response.writeHead(404).end();
    if (request.url === '/other') return response.end('something else altogether');
    if (request.url === '/endless') return response.end(Buffer.alloc(1 << 20));
    return response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function model(path: string): BenchModel {
  const { port } = server.address() as AddressInfo;
  asked = 0;
  return {
    name: 'net',
    url: `http://127.0.0.1:${port}${path}`,
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: content.length + 10,
  };
}

const find = async (path: string, name: string, folders: readonly string[] = []): Promise<string> => {
  const cacheFolder = join(folder, name);
  await findModels([model(path)], { folders, cacheFolder, retryDelayMs: 1 });
  return await readFile(join(cacheFolder, 'net.tflite'), 'utf8');
};

describe('the models of the benchmark', () => {
  test('are the four, each with an address of one commit and a checksum', () => {
    assert.equal(benchModels.length, 4);
    for (const { url, sha256 } of benchModels) {
      assert.match(url, /^https:\/\/raw\.githubusercontent\.com\/mlcommons\/tiny\/[0-9a-f]{40}\//);
      assert.match(sha256, /^[0-9a-f]{64}$/);
    }
  });

  test('are fetched once and kept', async () => {
    assert.equal(await find('/good', 'once'), String(content));
    assert.equal(asked, 1);
    assert.equal(await find('/good', 'once'), String(content));
    assert.equal(asked, 0);
  });

  test('are taken from a folder that has them, and not where its bytes are others', async () => {
    const beside = join(folder, 'beside');
    await mkdir(beside);
    await writeFile(join(beside, 'net.tflite'), content);
    assert.equal(await find('/missing', 'copied', [beside]), String(content));
    assert.equal(asked, 0);
    await writeFile(join(beside, 'net.tflite'), 'retrained');
    assert.equal(await find('/good', 'fetched', [beside]), String(content));
    assert.equal(asked, 1);
  });

  test('are asked for again where the server is busy', async () => {
    assert.equal(await find('/busy', 'busy'), String(content));
    assert.equal(asked, 2);
  });

  test('are refused with other bytes, or without end, and leave nothing behind', async () => {
    await assert.rejects(find('/other', 'other'), /has SHA-256 [0-9a-f]{64}, not/);
    await assert.rejects(find('/endless', 'endless'), /longer than/);
    await assert.rejects(find('/missing', 'missing'), /answered 404/);
    for (const name of ['other', 'endless', 'missing'])
      assert.deepEqual(await readdir(join(folder, name)), []);
  });
});
