// A receiver of signed webhooks that verifies, counts and shows the last of them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface WebhookSandbox {
  readonly url: string;
  readonly received: readonly unknown[];
  close(): Promise<void>;
}

const kept = 100;
const maxBytes = 1_048_576;

export async function startWebhookSandbox(port: number, secret: string): Promise<WebhookSandbox> {
  const verifier = new Webhook(secret);
  const received: unknown[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ count, last: received }, undefined, 2));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      try {
        const headers = request.headers as Record<string, string>;
        received.unshift(verifier.verify(Buffer.concat(chunks).toString('utf8'), headers));
        received.splice(kept);
        count += 1;
        response.writeHead(204).end();
      } catch {
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}/`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
