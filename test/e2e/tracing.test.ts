// Traces as whoever collects them sees them: a real OTLP sink on the loopback, a hub with a webhook destination, and
// the way of one request from its caller's trace over resolve to the vendor's call.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { openTracing } from '../../core/src/observe/open-tracing.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { templateFile } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface SpanReading {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly spanId: string }[];
  readonly attributes: readonly Attribute[];
}

let hub: Hub;
let sink: Server;
let vendor: Server;
const exported: string[] = [];
const heard: IncomingHttpHeaders[] = [];
const key = 'tracing-server-key';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen(
  onBody: (text: string, headers: IncomingHttpHeaders) => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (data: string) => (text += data));
    request.on('end', () => {
      onBody(text, request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  sink = await listen((text) => exported.push(text));
  vendor = await listen((_, headers) => heard.push(headers));
  const config = {
    tributary: 1,
    hub: { name: 'tracing', store: { folder: '../data' } },
    purposes: { email_marketing: 'News' },
    audiences: { buyers: { rule: { event: 'Order Completed', within: '30d' } } },
    sources: {
      web: {
        plugin: '@tributary/source-http',
        settings: { writeKeys: [{ key: '${KEY}', kind: 'server' }] },
      },
    },
    destinations: {
      crm: {
        plugin: '@tributary/destination-webhook',
        purposes: ['email_marketing'],
        settings: {
          url: `http://127.0.0.1:${portOf(vendor)}/hooks`,
          allowPrivate: ['127.0.0.1'],
          secrets: ['${SECRET}'],
        },
        audiences: [{ audience: 'buyers', list: 'buyers' }],
      },
    },
  };
  const loaded = await loadConfig(join(workspaceRoot, 'test/e2e/tracing.yaml'), {
    env: { KEY: key, SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
    readFile: () => Promise.resolve(JSON.stringify(config)),
  });
  const deploymentKey = Buffer.alloc(32, 7).toString('base64');
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${portOf(sink)}` };
  hub = await startHub(
    { ...loaded, config: { ...loaded.config, deploymentKey } },
    {
      store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
      port: 0,
      log: createLogger({ level: 'silent' }),
      tracing: await openTracing(environment, () => Date.now()),
    },
  );
});
afterAll(() => {
  sink.close();
  vendor.close();
});

it('is off unless asked for', async () => {
  expect(await openTracing({}, () => 0)).toBeUndefined();
  const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
  expect(await openTracing(asked, () => 0)).toBeUndefined();
});

it('shows the way of a request to the vendor, and nobody’s data', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const message = { messageId: 'm', userId: 'ada-42' };
  const response = await fetch(`${hub.url}/v1/batch`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${key}:`)}`,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({
      batch: [
        { ...message, type: 'identify', traits: { email: 'ada@example.com' } },
        {
          type: 'consent',
          userId: 'ada-42',
          consents: [{ purpose: 'email_marketing', status: 'granted' }],
        },
        { type: 'track', userId: 'ada-42', event: 'Order Completed' },
      ],
    }),
  });
  expect(response.status).toBe(200);
  await waitUntil(() => heard.length > 0, { what: 'the vendor to hear of her' });
  await hub.stop();

  const spans = exported.flatMap(readSpans);
  const named = (name: string): SpanReading[] => spans.filter((span) => span.name === name);
  const [request] = named('request source web');
  expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
  const [intake] = named('intake');
  expect(intake).toMatchObject({ traceId, parentSpanId: request?.spanId });
  const resolve = named('resolve').find(({ links }) => holds(links, intake));
  expect(resolve).toBeDefined();
  const deliver = named('deliver').find(({ links }) => holds(links, resolve));
  expect(deliver).toBeDefined();
  const call = named('call').find(({ parentSpanId }) => parentSpanId === deliver?.spanId);
  expect(call?.traceId).toBe(deliver?.traceId);
  expect(call?.attributes).toContainEqual({
    key: 'http.response.status_code',
    value: { intValue: 200 },
  });

  expect(exported.join('')).not.toMatch(/ada|example\.com|whsec_|tracing-server-key|hooks/);
  expect(heard.flatMap((headers) => Object.keys(headers))).not.toContain('traceparent');
});

function readSpans(text: string): SpanReading[] {
  const { resourceSpans } = JSON.parse(text) as {
    resourceSpans: { scopeSpans: { spans: SpanReading[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function holds(links: SpanReading['links'], span: SpanReading | undefined): boolean {
  return links?.some(({ spanId }) => spanId === span?.spanId) === true;
}
