// Everything about a person, for her: complete as JSON, readable as a page that no browser has to trust.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, hasService } from '../../support/services.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { ada, arrives, bob, findTraces, say, send, startTown, type Town } from './town.ts';
import type { Store } from '../../../core/src/store/store.ts';

const withChromium = await hasService('chromium');
const slow = { timeout: 120_000 };
const attack = '<script>alert("hers")</script>';

eachStore('the answer to a request for access', (open) => {
  let store: Store;
  let town: Town;

  beforeAll(async () => {
    store = await open();
    town = await startTown(store);
    await send(town, [...arrives(ada), ...arrives(bob)]);
    await send(town, [
      say(ada, { type: 'track', event: attack, properties: { note: attack } }),
      { ...say(ada, { type: 'track' }), properties: { mail: ada.email } },
    ]);
    await waitUntil(
      async () =>
        town.fake.members('Readers').includes(ada.email) &&
        (await findTraces(store, ['alert("hers")'])).includes('fact.name') &&
        JSON.stringify(town.hook.received).includes(ada.name),
      { what: 'her to be known everywhere' },
    );
  }, 120_000);
  afterAll(() => town.close(), 60_000);

  async function exportAs(format: string): Promise<Response> {
    return fetch(`${town.hub.hub.url}/api/privacy-requests/export`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${town.hub.hub.firstKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        identifiers: [{ namespace: 'user_id', value: ada.userId }],
        format,
      }),
    });
  }

  test('holds in JSON what was received, computed, allowed and sent', slow, async () => {
    const response = await exportAs('json');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="data-/);
    const text = await response.text();
    const all = JSON.parse(text) as Record<string, readonly Record<string, unknown>[]>;
    for (const own of [ada.userId, ada.email, ada.phone, ada.cookie, ada.name]) {
      expect(text).toContain(own);
    }
    for (const his of [bob.userId, bob.email, bob.name]) expect(text).not.toContain(his);
    expect(all['consents']).toContainEqual(expect.objectContaining({ status: 'granted' }));
    expect(all['audiences']).toContainEqual(expect.objectContaining({ audience: 'readers' }));
    const recipients = all['destinations']?.map(({ instance }) => instance);
    expect(new Set(recipients)).toEqual(new Set(['mail', 'hook', 'paper']));
    const atMail = all['destinations']?.find(({ instance }) => instance === 'mail');
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(atMail?.['bases']).toEqual([
      { purpose: 'email_marketing', basis: 'consent', firstAt: day, lastAt: day },
    ]);
    expect(all['events']).toContainEqual(
      expect.objectContaining({ name: 'Order Completed', received: expect.anything() }),
    );
    expect(all['statements']).toHaveLength(1);
    expect(all['quarantine']).toHaveLength(1);
    expect(all['traits']).toContainEqual(
      expect.objectContaining({ name: 'first_name', value: ada.name, source: 'web' }),
    );
  });

  test('says in the record of processing which fields went where', slow, async () => {
    const record = await town.hub.call('GET', '/processing-record');
    expect(record).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          destination: 'mail',
          scope: 'audience:Readers',
          field: 'first_name',
          purpose: 'email_marketing',
          bases: ['consent'],
          people: 2,
        }),
      ]),
    });
  });

  test('keeps the basis on which something went, where another one holds later', slow, async () => {
    await send(town, [
      say(ada, {
        type: 'consent',
        context: { traits: { email: ada.email } },
        consents: [{ purpose: 'email_marketing', status: 'granted', lawfulBasis: 'contract' }],
      }),
      say(ada, { type: 'identify', traits: { first_name: 'Countess' } }),
    ]);
    const basesOfMail = async (): Promise<readonly string[]> => {
      const record = (await town.hub.call('GET', '/processing-record')) as {
        items: readonly { destination: string; field: string; bases: readonly string[] }[];
      };
      const found = record.items.find(
        ({ destination, field }) => destination === 'mail' && field === 'first_name',
      );
      return found?.bases ?? [];
    };
    await waitUntil(async () => (await basesOfMail()).length === 2, {
      what: 'her new name to go out on another basis',
      withinMs: 60_000,
      describe: basesOfMail,
    });
    expect(new Set(await basesOfMail())).toEqual(new Set(['consent', 'contract']));
    const { destinations = [] } = JSON.parse(await (await exportAs('json')).text()) as Record<
      string,
      readonly { instance: string; bases: readonly { basis: string }[] }[]
    >;
    const bases = destinations
      .filter(({ instance }) => instance === 'mail')
      .flatMap((found) => found.bases.map(({ basis }) => basis));
    expect(new Set(bases)).toEqual(new Set(['consent', 'contract']));
  });

  test('is as a page without anything that runs', slow, async () => {
    const page = await (await exportAs('html')).text();
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;hers&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3)/);
    expect(page).toContain(ada.email);
  });

  test.skipIf(!withChromium)('can be read in a browser', slow, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-page-'));
    try {
      const page = join(folder, 'page.html');
      const picture = join(folder, 'page.png');
      await writeFile(page, await (await exportAs('html')).text());
      await promisify(execFile)(chromiumPath, [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        '--window-size=1200,2400',
        `--user-data-dir=${folder}/profile`,
        `--screenshot=${process.env['KEEP_SCREENSHOT'] ?? picture}`,
        `file://${page}`,
      ]);
      const { size } = await stat(process.env['KEEP_SCREENSHOT'] ?? picture);
      expect(size).toBeGreaterThan(20_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
