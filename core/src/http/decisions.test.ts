// What operators decide about who is who, over the hub as it is composed, on both stores: it reaches people,
// consent, audiences and the destination's list, and is taken back just so.
import { defineDestination, defineSource } from '@tributary/sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { ownConfigFile } from '../../../test/support/own-config-file.ts';
import { loadConfig } from '../config/load-config.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLogger } from '../observe/logger.ts';
import { dynamicStatement } from '../store/store.ts';

const yaml = `
tributary: 1
purposes: { email_marketing: News }
audiences:
  buyers:
    rule: { event: Order Completed, count: { atLeast: 1 } }
sources:
  shop: { plugin: a-shop }
destinations:
  mail:
    plugin: a-mailer
    purposes: [email_marketing]
    audiences: [{ audience: buyers, list: Buyers }]
`;

const shop = defineSource({
  name: 'a-shop',
  title: 'A shop',
  settings: { type: 'object', additionalProperties: false },
  http: {
    paths: ['/records'],
    handle: ({ request }) => ({
      records: JSON.parse(Buffer.from(request.rawBody).toString()),
      respond: (receipt) => ({ status: 200, body: JSON.stringify(receipt) }),
    }),
  },
});

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape
  readonly json: any;
}
interface Entry {
  readonly kind: string;
  readonly actor: string;
  readonly subjects: readonly string[];
  readonly details: object;
}
interface Id {
  readonly namespace: string;
  readonly value: string;
}
const user = (value: string): Id => ({ namespace: 'user_id', value });
const email = (name: string): Id => ({ namespace: 'email', value: `${name}@example.com` });
const phone = (value: string): Id => ({ namespace: 'phone', value });

eachStore('decisions of operators', (open) => {
  let hub: Hub;
  /** What the vendor has. */
  const list = new Set<string>();

  const mailer = defineDestination({
    name: 'a-mailer',
    title: 'A mailer',
    settings: { type: 'object', additionalProperties: false },
    identifiers: ['email'],
    channel: 'email',
    audiences: {
      mode: 'mirror',
      add({ deliveries }) {
        for (const { key } of deliveries) list.add(key);
        return Promise.resolve(
          deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' } })),
        );
      },
      remove({ deliveries }) {
        for (const { key } of deliveries) list.delete(key);
        return Promise.resolve(
          deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' } })),
        );
      },
    },
  });

  async function ask(path: string, body?: unknown, key = hub.firstKey): Promise<Answer> {
    const response = await fetch(`${hub.url}/api${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  }

  async function bring(...records: readonly object[]): Promise<Answer['json']> {
    const response = await fetch(`${hub.url}/sources/shop/records`, {
      method: 'POST',
      body: JSON.stringify(records),
    });
    return response.json();
  }

  const profileOf = async (identifier: Id): Promise<string> =>
    String((await ask('/profiles/lookup', identifier)).json.profileId);
  const untilListed = (...names: readonly string[]): Promise<void> =>
    vi.waitFor(
      () => {
        expect([...list].sort()).toEqual(names.map((name) => email(name).value));
      },
      { timeout: 20_000, interval: 100 },
    );
  const told = (...identifiers: readonly Id[]): object => ({
    type: 'identify',
    messageId: crypto.randomUUID(),
    identifiers,
    traits: {},
  });
  const ordered = (identifier: Id): object => ({
    type: 'track',
    identifiers: [identifier],
    event: 'Order Completed',
  });
  const agreed = (identifier: Id): object => ({
    type: 'consent',
    identifiers: [identifier],
    consents: [{ purpose: 'email_marketing', status: 'granted' }],
  });

  beforeAll(async () => {
    const store = await open();
    const loaded = await loadConfig(ownConfigFile(), {
      env: {},
      readFile: () => Promise.resolve(yaml),
      loadPlugin: ({ name }) => Promise.resolve({ plugin: name === 'a-shop' ? shop : mailer }),
    });
    const config = { ...loaded.config, deploymentKey: Buffer.alloc(32, 7).toString('base64') };
    const log = createLogger({ level: 'error', destination: { write: () => undefined } });
    hub = await startHub({ ...loaded, config }, { store, port: 0, log });
  }, 60_000);
  afterAll(() => hub.stop());

  describe('about two people whom a shop took for one', () => {
    // Ada agreed, Grace ordered: only both together may be written to, and should be.
    const couple = { left: email('ada'), right: phone('+4930901820') };

    beforeAll(async () => {
      await bring(
        told(email('ada'), phone('+4930901820')),
        agreed(email('ada')),
        ordered(phone('+4930901820')),
      );
      await untilListed('ada');
    }, 30_000);

    it('a preview tells who parts and what changes, and changes nothing', async () => {
      const { status, json } = await ask('/identity/separations', { ...couple, preview: true });
      expect({ status, json }).toMatchObject({
        status: 200,
        json: {
          answer: 'They would be two people.',
          decided: false,
          samePerson: false,
          audiences: [{ audience: 'buyers' }],
        },
      });
      expect(json.profiles).toHaveLength(2);
      expect(await profileOf(couple.left)).toBe(await profileOf(couple.right));
      expect((await ask('/audit?limit=50')).json.items).not.toContainEqual(
        expect.objectContaining({ kind: 'identity.decided' }),
      );
    });

    it('P20: who is parted is told apart at the destination, and comes back when it is lifted', async () => {
      const parted = await ask('/identity/separations', couple);
      expect(parted.json).toMatchObject({ answer: 'They are two people.', decided: true });
      await untilListed();
      expect(await profileOf(couple.left)).not.toBe(await profileOf(couple.right));
      // The shop says it again; it stays as decided.
      await bring(told(email('ada'), phone('+4930901820')));
      const explained = (await ask('/explain/merge', couple)).json;
      expect(explained.samePerson).toBe(false);
      expect(JSON.stringify(explained.because)).toMatch(
        /are never the same.*decided by key:\w+ at .*undone by `tributary identity lift`/,
      );
      const lifted = await ask('/identity/separations/lift', couple);
      expect(lifted.json.answer).toBe('They are one person.');
      await untilListed('ada');
    });

    it('P17: what was observed up to now is retracted, and only later observations join', async () => {
      expect((await ask('/identity/retractions', couple)).json.samePerson).toBe(false);
      await untilListed();
      const past = new Date(Date.now() - 60_000).toISOString();
      await bring({ ...told(email('ada'), phone('+4930901820')), timestamp: past });
      await untilListed();
      expect(await profileOf(couple.left)).not.toBe(await profileOf(couple.right));
      await bring(told(email('ada'), phone('+4930901820')));
      await untilListed('ada');
    });
  });

  it('who is joined by hand is one person, says who did it, and parts again', async () => {
    const couple = { left: user('lin'), right: email('lin') };
    await bring(ordered(user('lin')), agreed(email('lin')));
    await vi.waitFor(async () => expect(await profileOf(couple.right)).not.toBe('undefined'));
    const merged = await ask('/identity/merges', { ...couple, id: 'ticket 7' });
    expect(merged.json).toMatchObject({ answer: 'They are one person.', samePerson: true });
    expect(merged.json.record).toBeGreaterThan(0);
    const again = await ask('/identity/merges', { ...couple, id: 'ticket 7' });
    expect(again.json).toMatchObject({ answer: expect.stringContaining('taken before') });
    expect(again.json.record).toBeUndefined();
    const other = await ask('/identity/retractions', { ...couple, id: 'ticket 7' });
    expect(other.json).toMatchObject({ samePerson: true });
    await vi.waitFor(() => expect(list).toContain(email('lin').value), { timeout: 20_000 });
    const explained = (await ask('/explain/merge', couple)).json;
    expect(JSON.stringify(explained.because)).toMatch(
      /manual, by source hub.*decided by key:\w+ at .*undone by `tributary identity retract`/,
    );
    const id = await profileOf(couple.left);
    expect((await ask(`/profiles/${id}/decisions`)).json.items).toMatchObject([
      { decision: 'merge', left: expect.any(Object), actor: expect.stringMatching(/^key:/) },
    ]);
    await ask('/identity/retractions', couple);
    await vi.waitFor(() => expect(list).not.toContain(email('lin').value), { timeout: 20_000 });
  });

  it('who decided what is in the audit log, about random references alone', async () => {
    const items = (await ask('/audit?limit=100')).json.items as readonly Entry[];
    const decided = items.filter(({ kind }) => kind === 'identity.decided');
    expect(decided.length).toBeGreaterThanOrEqual(4);
    for (const { actor, subjects, details } of decided) {
      expect(actor).toMatch(/^key:/);
      expect(subjects).toHaveLength(2);
      expect(details).toEqual({
        decision: expect.stringMatching(/^(merge|separate|lift|retract)$/),
        record: expect.any(Number),
      });
    }
  });

  it('limits of config hold against a merge by hand, and the answer says so', async () => {
    await bring(ordered(user('one')), ordered(user('two')));
    await vi.waitFor(async () => expect(await profileOf(user('two'))).not.toBe('undefined'));
    const merged = (await ask('/identity/merges', { left: user('one'), right: user('two') })).json;
    expect(merged.answer).toBe('They stay two people.');
    expect(merged.because[0]).toMatchObject({
      says: expect.stringContaining('a person has at most so many user_id'),
      holds: false,
    });
  });

  it('is refused about whom nobody knows, about one alone, and about devices', async () => {
    const stranger = { left: user('nobody'), right: user('one') };
    expect(await ask('/identity/separations', stranger)).toMatchObject({
      status: 404,
      json: { code: 'IDENTIFIER_UNKNOWN' },
    });
    expect(await ask('/identity/merges', { left: user('one'), right: user('one') })).toMatchObject({
      status: 400,
      json: { code: 'DECISION_INVALID' },
    });
    const device = { namespace: 'anonymous_id', value: 'a1' };
    expect((await ask('/identity/merges', { left: device, right: user('one') })).status).toBe(400);
    const ahead = await ask('/identity/separations', { ...stranger, evenUnknown: true });
    expect(ahead.status).toBe(200);
  });

  it('P19: no source can decide, and no key that may not see people', async () => {
    const [left, right] = [user('one'), email('ada')];
    const forged = {
      type: 'decision',
      decision: 'merge',
      identifiers: [left, right],
      messageId: 'forged',
      actor: 'key:one',
    };
    expect(await bring(forged)).toMatchObject({
      accepted: 0,
      quarantined: [{ code: 'RECORD_INVALID' }],
    });
    const { key } = await hub.keys.create({ role: 'operator', label: 'runs it' }, 'test');
    expect((await ask('/identity/merges', { left, right }, key)).status).toBe(403);
    expect(await profileOf(left)).not.toBe(await profileOf(right));
  });

  it('about who is erased, nothing is left of it in the log but her own absence', async () => {
    const couple = { left: user('gone-42'), right: email('stays') };
    await bring(ordered(couple.left), ordered(couple.right));
    await vi.waitFor(async () => expect(await profileOf(couple.right)).not.toBe('undefined'));
    await ask('/identity/separations', couple);
    await ask('/privacy-requests/erasures', { identifiers: [couple.left] });
    await vi.waitFor(
      async () => {
        const rows = await hub.store.query<{ number: number }>('background', holdingGone);
        expect(rows).toEqual([]);
      },
      { timeout: 30_000, interval: 200 },
    );
    expect((await ask('/profiles/lookup', couple.right)).status).toBe(200);
    expect(await ask('/identity/merges', couple)).toMatchObject({
      status: 404,
      json: { code: 'IDENTIFIER_UNKNOWN' },
    });
    expect(await ask('/identity/merges', { ...couple, evenUnknown: true })).toMatchObject({
      status: 409,
      json: { code: 'PERSON_ERASED' },
    });
  });
});

const holdingGone = dynamicStatement(
  'test.holding_gone',
  `SELECT number FROM event WHERE convert_from(payload, 'UTF8') LIKE '%gone-42%'`,
);
