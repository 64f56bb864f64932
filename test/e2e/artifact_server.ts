import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { join } from 'node:path';

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface ArtifactProxy {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands before act's artifact server, which is some steps behind GitHub's: it refuses a field of the request
 * (`mime_type`), and leaves a bare `+` and `=` in an upload address, which the storage library writes differently.
 * Everything else goes through as it is.
 */
export async function startArtifactProxy(actPort: number): Promise<ArtifactProxy> {
  const server = createServer(async (incoming, answer) => {
    const body = withoutMimeType(await bytesOf(incoming));
    const headers = { ...incoming.headers, 'content-length': String(body.length) };
    const { method = 'GET', url: path = '/' } = incoming;
    const outgoing = request({ host: '127.0.0.1', port: actPort, method, path, headers }, async (reply) => {
      const content = (await bytesOf(reply)).toString('latin1');
      const isAddress = content.includes('signedUploadUrl') || content.includes('signed_upload_url');
      const { 'content-length': _, 'transfer-encoding': __, ...others } = reply.headers;
      answer.writeHead(reply.statusCode ?? 502, others);
      answer.end(isAddress ? content.replaceAll('+', '%20').replace('=&', '%3D&') : content, 'latin1');
    });
    outgoing.on('error', () => answer.writeHead(502).end());
    outgoing.end(body);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The names in the artifact of the latest run, from the zip's central directory. */
export function artifactEntries(folder: string, name: string): readonly string[] {
  const zip = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`${name}.zip`),
  );
  assert.ok(
    zip !== undefined,
    `no artifact ${name} in ${readdirSync(folder, { recursive: true }).join(', ')}`,
  );
  const bytes = readFileSync(join(folder, zip));
  const names: string[] = [];
  const signature = Buffer.from('PK\x01\x02');
  for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 4)) {
    const length = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString('utf8', at + 46, at + 46 + length));
  }
  return names;
}

function withoutMimeType(body: Buffer): Buffer {
  if (!body.includes('"mime_type"')) return body;
  const { mime_type: _, ...rest } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(rest));
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
