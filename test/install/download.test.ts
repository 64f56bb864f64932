import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import {
  type ArchiveStore,
  archiveFolder,
  installArchive,
  installedArchive,
  readMirror,
  toolCacheFolder,
} from '../../src/install/download.ts';
import { cacheName, type PinnedArchive } from '../../src/install/pinned_archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'tinyml-install-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const good = archiveBytes('renode_9.9.9-portable', 'renode');

describe('installing a pinned archive', () => {
  it('unpacks it, marks it with its checksum and finds it again without the network', async () => {
    await serving(sending(good), async (url, requests) => {
      const { archive, cacheFolder } = fresh(good);
      let received = 0;
      const executable = await installArchive(archive, {
        cacheFolder,
        onProgress: (bytes) => {
          received = bytes;
        },
        testOnly: { url },
      });
      assert.equal(readFileSync(executable, 'utf8'), 'the program\n');
      assert.equal(executable, join(archiveFolder(archive, cacheFolder), 'renode'));
      assert.equal(received, good.length);
      assert.deepEqual(readdirSync(cacheFolder), [cacheName(archive)], 'nothing else is left');

      assert.equal(await installArchive(archive, { cacheFolder, testOnly: { url } }), executable);
      assert.equal(await installedArchive(archive, cacheFolder), executable);
      assert.equal(requests(), 1);
    });
  });

  it('replaces a folder that a run left without its marker', async () => {
    await serving(sending(good), async (url) => {
      const { archive, cacheFolder } = fresh(good);
      mkdirSync(archiveFolder(archive, cacheFolder), { recursive: true });
      writeFileSync(join(archiveFolder(archive, cacheFolder), 'renode'), 'half of it');
      assert.equal(await installedArchive(archive, cacheFolder), null);
      const executable = await installArchive(archive, { cacheFolder, testOnly: { url } });
      assert.equal(readFileSync(executable, 'utf8'), 'the program\n');
    });
  });

  it('installs once where two runs do it at the same time', async () => {
    await serving(sending(good), async (url) => {
      const { archive, cacheFolder } = fresh(good);
      const both = await Promise.all(
        [1, 2].map(() => installArchive(archive, { cacheFolder, testOnly: { url } })),
      );
      assert.deepEqual(new Set(both).size, 1);
      assert.deepEqual(readdirSync(cacheFolder), [cacheName(archive)]);
    });
  });

  it('keeps the archive in a store, takes it from there, and checks what it brings', async () => {
    await serving(sending(good), async (url, requests) => {
      const { archive } = fresh(good);
      let stored: Buffer | null = null;
      const paths: string[] = [];
      const store: ArchiveStore = {
        async restore(_archive, file) {
          if (stored === null) return false;
          paths.push(file);
          writeFileSync(file, stored);
          return true;
        },
        async save(_archive, file) {
          paths.push(file);
          stored = readFileSync(file);
        },
      };
      const cacheFolder = mkdtempSync(join(folder, 'cache-'));
      const install = async (): Promise<void> => {
        rmSync(cacheFolder, { recursive: true });
        await installArchive(archive, { cacheFolder, store, testOnly: { url } });
        assert.deepEqual(readdirSync(cacheFolder), [cacheName(archive)]);
      };
      await install();
      assert.equal(requests(), 1);
      await install();
      assert.equal(requests(), 1, 'it came from the store');
      assert.equal(new Set(paths).size, 1, 'saved from and restored to one path');

      stored = archiveBytes('renode_9.9.9-portable', 'altered');
      await install();
      assert.equal(requests(), 2, 'other bytes are not taken');
    });
  });

  it('refuses other bytes than the pinned ones', async () => {
    const other = archiveBytes('renode_9.9.9-portable', 'other');
    await serving(sending(other), async (url, requests) => {
      const error = await failure(fresh(good), url);
      assert.match(
        error.message,
        /^Renode 9\.9\.9 from http.* has SHA-256 [0-9a-f]{64}, but [0-9a-f]{64} is pinned/,
      );
      assert.equal(requests(), 1);
    });
  });

  it('tries again after a connection that breaks off, and says so when it stays so', async () => {
    const truncated: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-length': good.length });
      response.write(good.subarray(0, 20), () => response.destroy());
    };
    await serving(truncated, async (url, requests) => {
      const error = await failure(fresh(good), url);
      assert.match(
        error.message,
        /could not be fetched from http.*: the connection broke off\. Check the network/,
      );
      assert.equal(requests(), 4);
    });
  });

  it('does not try again on 404', async () => {
    await serving(answering(404), async (url, requests) => {
      assert.match((await failure(fresh(good), url)).message, /: the server answered 404\./);
      assert.equal(requests(), 1);
    });
  });

  it('gets over a server that answers 500 once', async () => {
    let first = true;
    const recovering: RequestListener = (request, response) => {
      (first ? answering(500) : sending(good))(request, response);
      first = false;
    };
    await serving(recovering, async (url, requests) => {
      const { archive, cacheFolder } = fresh(good);
      await installArchive(archive, { cacheFolder, testOnly: { url, retryDelayMs: 1 } });
      assert.equal(requests(), 2);
    });
  });

  it('says that the connection was refused', async () => {
    let closed = '';
    await serving(sending(good), async (url) => {
      closed = url;
    });
    assert.match((await failure(fresh(good), closed)).message, /: the connection was refused\./);
  });

  it('says that a name cannot be looked up', async () => {
    const error = await failure(fresh(good), 'http://renode.invalid/renode.tar.gz');
    assert.match(error.message, /: its name could not be looked up\. Check the network/);
  });

  it('gives up on a server that sends nothing', async () => {
    const silent: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.flushHeaders();
    };
    await serving(silent, async (url) => {
      const { archive, cacheFolder } = fresh(good);
      await assert.rejects(
        installArchive(archive, { cacheFolder, testOnly: { url, retryDelayMs: 1, stallMs: 50 } }),
        /nothing came for 0\.05 s/,
      );
    });
  });

  for (const [what, bytes, message] of [
    ['an entry that leads outside', escapingArchive(), /cannot be unpacked: .*'\.\.'/],
    [
      'no archive at all',
      Buffer.from('<html>not here</html>'),
      /cannot be unpacked: .*does not look like a tar/,
    ],
    ['half an archive', good.subarray(0, good.length >> 1), /cannot be unpacked: /],
    ['two top folders', archiveBytes('a', 'renode', 'b'), /cannot be unpacked: it does not hold one folder/],
    ['no program', archiveBytes('renode_9.9.9', 'readme'), /cannot be unpacked: it holds no renode/],
  ] as const) {
    it(`refuses an archive of ${what} and leaves nothing behind`, async () => {
      await serving(sending(bytes), async (url) => {
        const { archive, cacheFolder } = fresh(bytes);
        const outside = join(folder, 'outside');
        assert.match((await failure({ archive, cacheFolder }, url)).message, message);
        assert.deepEqual(readdirSync(cacheFolder), []);
        assert.equal(existsSync(outside), false);
      });
    });
  }

  it('says that the disk is full, while fetching and while unpacking', async (t) => {
    const big = archiveBytes('renode_9.9.9', 'renode', undefined, 512 * 1024);
    for (const size of ['16k', '128k']) {
      const small = mkdtempSync(join(folder, 'small-'));
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', small], { stdio: 'ignore' });
      } catch {
        t.skip('no small file system to fill: mount -t tmpfs is not permitted here');
        return;
      }
      try {
        const bytes = size === '16k' ? incompressibleArchive() : big;
        await serving(sending(bytes), async (url) => {
          const error = await failure({ archive: pinned(bytes), cacheFolder: small }, url);
          assert.match(error.message, /^Renode 9\.9\.9 was not installed: the disk is full at /);
        });
        assert.deepEqual(readdirSync(small), []);
      } finally {
        execFileSync('umount', [small]);
      }
    }
  });

  it('says that the cache folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const error = await failure(
      { archive: pinned(good), cacheFolder: join(file, 'cache') },
      'http://127.0.0.1:9/',
    );
    assert.match(error.message, /the tool cache folder cannot be written \(ENOTDIR\)/);
  });
});

describe('behind a proxy', () => {
  /** Answers CONNECT like a proxy of a company, and leads every name to the one server that there is. */
  async function proxied(t: TestContext, port: number, status = 200) {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      if (status !== 200) return socket.end(`HTTP/1.1 ${status} no\r\ncontent-length: 0\r\n\r\n`);
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
    const names = ['http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) delete process.env[name];
    process.env.HTTP_PROXY = `http://user:secret@127.0.0.1:${address.port}`;
    t.after(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      proxy.closeAllConnections();
      proxy.close();
    });
    return asked;
  }

  it('fetches through it, by its user, also where a redirect leads', async (t) => {
    const redirecting: RequestListener = (request, response) => {
      if (request.url === '/there.tar.gz') return sending(good)(request, response);
      response.writeHead(302, { location: 'http://storage.invalid/there.tar.gz' }).end();
    };
    await serving(redirecting, async (url) => {
      const asked = await proxied(t, Number(new URL(url).port));
      const { archive, cacheFolder } = fresh(good);
      await installArchive(archive, { cacheFolder, testOnly: { url: 'http://tools.invalid/renode.tar.gz' } });
      const user = `Basic ${Buffer.from('user:secret').toString('base64')}`;
      assert.deepEqual(asked, [`tools.invalid:80 ${user}`, `storage.invalid:80 ${user}`]);
    });
  });

  it('goes past it where NO_PROXY says so', async (t) => {
    await serving(sending(good), async (url) => {
      const asked = await proxied(t, 9);
      process.env.NO_PROXY = 'example.com,127.0.0.1';
      const { archive, cacheFolder } = fresh(good);
      await installArchive(archive, { cacheFolder, testOnly: { url } });
      assert.deepEqual(asked, []);
    });
  });

  it('says that the proxy refuses, and no password', async (t) => {
    const asked = await proxied(t, 9, 407);
    const error = await failure(fresh(good), 'http://tools.invalid/renode.tar.gz');
    assert.match(error.message, /: the proxy answered 407\. Check the network, HTTPS_PROXY/);
    assert.ok(!error.message.includes('secret'));
    assert.equal(asked.length, 1);
  });
});

describe('a mirror', () => {
  const at = (mirror: string) => readMirror({ TINYML_DEPLOY_MIRROR: mirror });

  it('takes the place of the pinned address, not of the pinned checksum', async () => {
    const paths: (string | undefined)[] = [];
    let bytes = good;
    const mirror: RequestListener = (request, response) => {
      paths.push(request.url);
      sending(bytes)(request, response);
    };
    await serving(mirror, async (url) => {
      const pinned = fresh(good);
      const archive = { ...pinned.archive, url: 'https://never.invalid/v9/renode-9.9.9.tar.gz' };
      const folder = new URL('/tools/', url).href.replace('//', '//user:secret@');
      await installArchive(archive, { cacheFolder: pinned.cacheFolder, ...at(folder) });
      assert.deepEqual(paths, ['/tools/renode-9.9.9.tar.gz']);

      bytes = archiveBytes('renode_9.9.9-portable', 'other');
      const altered = installArchive(archive, { cacheFolder: fresh(good).cacheFolder, ...at(folder) });
      await assert.rejects(altered, (error: Error) => {
        assert.match(error.message, /^Renode 9\.9\.9 from http:\/\/127\..*\/tools\/.* is pinned/);
        assert.ok(!error.message.includes('secret'));
        return true;
      });
    });
  });

  it('is none where the variable is empty, and must be an address', () => {
    assert.deepEqual(at(' '), {});
    assert.deepEqual(readMirror({}), {});
    for (const wrong of ['mirror.example.com', 'file:///tools', '/tools'])
      assert.throws(() => at(wrong), /TINYML_DEPLOY_MIRROR is not an address/);
  });
});

describe('the tool cache folder', () => {
  it("is the runner's, else the one of the user", () => {
    assert.equal(toolCacheFolder({ RUNNER_TOOL_CACHE: '/hosted' }, '/home/u'), '/hosted/tinyml-deploy');
    assert.equal(toolCacheFolder({ XDG_CACHE_HOME: '/xdg' }, '/home/u'), '/xdg/tinyml-deploy');
    assert.equal(toolCacheFolder({ RUNNER_TOOL_CACHE: '' }, '/home/u'), '/home/u/.cache/tinyml-deploy');
  });
});

function pinned(bytes: Uint8Array): PinnedArchive {
  return {
    tool: 'renode',
    version: '9.9.9',
    arch: 'x64',
    url: 'http://never.invalid/',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    executable: 'renode',
  };
}

interface Case {
  readonly archive: PinnedArchive;
  readonly cacheFolder: string;
}

function fresh(bytes: Uint8Array): Case {
  return { archive: pinned(bytes), cacheFolder: mkdtempSync(join(folder, 'cache-')) };
}

async function failure({ archive, cacheFolder }: Case, url: string): Promise<DeployError> {
  try {
    await installArchive(archive, { cacheFolder, testOnly: { url, retryDelayMs: 1 } });
  } catch (error) {
    assert.ok(error instanceof DeployError, String(error));
    assert.equal(error.kind, 'tool');
    assert.ok(!error.message.includes('\n'), 'one line');
    return error;
  }
  assert.fail('it was installed');
}

function archiveBytes(top: string, file: string, second?: string, bytes = 0): Buffer {
  const place = mkdtempSync(join(folder, 'make-'));
  mkdirSync(join(place, top));
  writeFileSync(join(place, top, file), bytes === 0 ? 'the program\n' : Buffer.alloc(bytes));
  if (second !== undefined) mkdirSync(join(place, second));
  return tar(place, ['-czf', '-', top, ...(second === undefined ? [] : [second])]);
}

function incompressibleArchive(): Buffer {
  const place = mkdtempSync(join(folder, 'make-'));
  mkdirSync(join(place, 'top'));
  const noise = Buffer.concat(
    Array.from({ length: 2048 }, (_, index) => createHash('sha256').update(String(index)).digest()),
  );
  writeFileSync(join(place, 'top', 'renode'), noise);
  return tar(place, ['-czf', '-', 'top']);
}

function escapingArchive(): Buffer {
  const place = mkdtempSync(join(folder, 'make-'));
  mkdirSync(join(place, 'top'));
  writeFileSync(join(place, 'top', 'renode'), 'the program\n');
  writeFileSync(join(place, 'evil'), 'outside\n');
  return tar(place, ['-cPzf', '-', '--transform=s,^evil$,top/../../../outside,', 'top', 'evil']);
}

function tar(place: string, parameters: readonly string[]): Buffer {
  return execFileSync('tar', parameters, { cwd: place, stdio: ['ignore', 'pipe', 'inherit'] });
}

function sending(bytes: Uint8Array): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(bytes);
  };
}

function answering(status: number): RequestListener {
  return (_request, response) => {
    response.writeHead(status);
    response.end();
  };
}

async function serving(
  listener: RequestListener,
  use: (url: string, requests: () => number) => Promise<void>,
): Promise<void> {
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  try {
    await use(`http://127.0.0.1:${address.port}/renode.tar.gz`, () => requests);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
