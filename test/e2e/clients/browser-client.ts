// The client library for browsers, as it comes from the registry, in a real browser on a page of another
// origin than the hub's.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../support/services.ts';
import { workspaceRoot } from '../../tools/workspace.ts';
import { bound, groupTraits, order, timeOf } from './story.ts';
import type { Telling } from './server-clients.ts';

export interface BrowserTelling extends Telling {
  /** Called while the page is open; ends when all has arrived. */
  readonly arrived: () => Promise<void>;
  /** Several messages per request; else one each, which is what the library does by itself. */
  readonly batched: boolean;
}

/** @returns where the page was. */
export async function tellByBrowser(telling: BrowserTelling): Promise<string> {
  const shop = await startPageServer();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      '--no-first-run',
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(shop.url);
    await tell(page, telling);
    await telling.arrived();
    return shop.url;
  } finally {
    await browser.close();
    await shop.close();
  }
}

const library = join(workspaceRoot, 'node_modules/@segment/analytics-next/dist/umd');
const html = '<!doctype html><title>Shop</title><script src="/ajs/index.js"></script>';

async function startPageServer(): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (!path.startsWith('/ajs/')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      return;
    }
    readFile(join(library, basename(path))).then(
      (script) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(script),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const inBatches = { strategy: 'batching', config: { size: 5, timeout: 200 } };

/** The part of the library's interface that the story needs. */
interface BrowserClient {
  track(event: string, properties: object, options: object): Promise<unknown>;
  page(name: string, properties: object, options: object): Promise<unknown>;
  identify(userId: string, traits: object, options: object): Promise<unknown>;
  group(groupId: string, traits: object, options: object): Promise<unknown>;
  alias(to: string, from?: string | object, options?: object): Promise<unknown>;
  setAnonymousId(id: string): Promise<unknown>;
}

async function tell(page: Page, { url, writeKey, person, batched }: BrowserTelling): Promise<void> {
  const times = Array.from({ length: 10 + bound.pings }, (_, place) => timeOf(place).toISOString());
  await page.evaluate(
    async ({ settings, integrations, story }) => {
      const { AnalyticsBrowser } = (
        globalThis as unknown as {
          AnalyticsNext: {
            AnalyticsBrowser: { load(settings: object, options: object): BrowserClient };
          };
        }
      ).AnalyticsNext;
      const client = AnalyticsBrowser.load(settings, { useQueryString: false, integrations });
      const at = (place: number): object => ({ timestamp: new Date(story.times[place] ?? 0) });
      const { userId, email, device, otherDevice } = story.person;
      await client.setAnonymousId(otherDevice);
      await client.track('Product Viewed', { sku: 'T-01' }, at(0));
      await client.alias(userId, at(5));
      await client.setAnonymousId(device);
      await client.page('Home', { path: '/', referrer: '' }, at(1));
      await client.identify(userId, { email, plan: 'pro' }, at(2));
      await client.track('Order Completed', story.order, at(3));
      await client.group('acme', story.groupTraits, at(4));
      // After `identify` the library names the same user twice: this joins nobody.
      await client.alias('somebody-else', at(6));
      await Promise.all(
        Array.from({ length: story.pings }, (_, place) =>
          client.track('Pinged', { place }, at(10 + place)),
        ),
      );
    },
    {
      settings: { writeKey, cdnURL: url },
      integrations: batched ? { 'Segment.io': { deliveryStrategy: inBatches } } : {},
      story: { person, order, groupTraits, times, pings: bound.pings },
    },
  );
}
