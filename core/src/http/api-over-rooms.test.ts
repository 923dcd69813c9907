// The API over the hub as it is composed: records go in through a source, are resolved, and come out
// of every operation in the form that the OpenAPI document promises.
import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { defineDestination, defineSource, sameOutcome, type SourceRecord } from '@tributary/sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyAudit } from '../audit/verify.ts';
import { ownConfigFile } from '../../../test/support/own-config-file.ts';
import { loadConfig } from '../config/load-config.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLogger } from '../observe/logger.ts';
import { openEmbeddedStore } from '../store/embedded.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { openApiDocument } from './api/openapi.ts';
import { operations } from './api/operations.ts';

const yaml = `
tributary: 1
purposes: { email_marketing: News }
audiences:
  readers: { title: Readers, rule: { trait: newsletter, is: true } }
sources:
  shop: { plugin: a-shop }
destinations:
  mail:
    plugin: a-mailer
    purposes: [email_marketing]
    audiences: [{ audience: readers, list: News }]
`;

/** Takes a list of records as they are. */
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

const sent: string[] = [];
/** Refuses Grace, for ever. */
const mailer = defineDestination({
  name: 'a-mailer',
  title: 'A mailer',
  settings: { type: 'object', additionalProperties: false },
  identifiers: ['email'],
  channel: 'email',
  audiences: {
    mode: 'mirror',
    add: ({ deliveries }) =>
      Promise.resolve(
        deliveries.map(({ handle, key }) => {
          sent.push(key);
          return {
            handle,
            outcome: key.startsWith('grace')
              ? { kind: 'rejected', reason: `${key} is not wanted` }
              : { kind: 'delivered' },
          };
        }),
      ),
    remove: ({ deliveries }) => Promise.resolve(sameOutcome(deliveries, { kind: 'delivered' })),
  },
});

const person = (name: string): SourceRecord[] => [
  {
    type: 'identify',
    messageId: `${name}-1`,
    identifiers: [
      { namespace: 'user_id', value: name },
      { namespace: 'email', value: `${name}@example.com` },
    ],
    traits: { first_name: name, newsletter: true },
  },
  {
    type: 'consent',
    messageId: `${name}-2`,
    identifiers: [{ namespace: 'email', value: `${name}@example.com` }],
    consents: [
      {
        purpose: 'email_marketing',
        status: 'granted',
        evidence: { form: 'join' },
        jurisdiction: 'DE',
      },
    ],
  },
  {
    type: 'track',
    messageId: `${name}-3`,
    identifiers: [{ namespace: 'user_id', value: name }],
    event: 'Order Completed',
    properties: { total: 10 },
  },
  {
    type: 'track',
    messageId: `${name}-4`,
    identifiers: [
      { namespace: 'user_id', value: name },
      { namespace: 'anonymous_id', value: `${name}-phone` },
    ],
    event: 'App Opened',
  },
];

let store: Store;
let hub: Hub;
let key: string;
let receipt: unknown;
beforeAll(async () => {
  store = await openEmbeddedStore({ folder: 'memory:' });
  const loaded = await loadConfig(ownConfigFile(), {
    env: {},
    readFile: () => Promise.resolve(yaml),
    loadPlugin: ({ name }) => Promise.resolve({ plugin: name === 'a-shop' ? shop : mailer }),
  });
  const config = { ...loaded.config, deploymentKey: Buffer.alloc(32, 7).toString('base64') };
  const log = createLogger({ level: 'error', destination: { write: () => undefined } });
  hub = await startHub({ ...loaded, config }, { store, port: 0, log });
  key = hub.firstKey ?? '';
  const records = [...person('ada'), ...person('grace'), { type: 'track', nonsense: true }];
  const response = await fetch(`${hub.url}/sources/shop/records`, {
    method: 'POST',
    body: JSON.stringify(records),
  });
  receipt = await response.json();
  await vi.waitFor(
    async () => {
      const { json } = await get('/destinations/mail');
      if (json.openDeadLetters !== 1) throw new Error('not all is sent yet');
    },
    { timeout: 30_000, interval: 200 },
  );
});
afterAll(() => hub.stop());

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape
  readonly json: any;
}

async function get(path: string): Promise<Answer> {
  return ask('GET', path);
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${hub.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

async function idOf(name: string): Promise<string> {
  const identifier = { namespace: 'email', value: `${name}@example.com` };
  const { json } = await ask('POST', '/profiles/lookup', identifier);
  return String(json.profileId);
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const { components } = openApiDocument(operations);

it('takes what a source brings, and sends on what people agreed to', () => {
  expect(receipt).toMatchObject({ accepted: 8, quarantined: [{ index: 8 }] });
  expect(new Set(sent)).toEqual(new Set(['ada@example.com', 'grace@example.com']));
});

describe('every answer has the form that the OpenAPI document promises', () => {
  it.each([
    ['lookUpProfile', 'POST', '/profiles/lookup', { namespace: 'email', value: 'Ada@Example.com' }],
    ['findProfile', 'GET', '/profiles?namespace=anonymous_id&value=ada-phone', undefined],
    ['readProfile', 'GET', '/profiles/{ada}', undefined],
    ['listIdentifiers', 'GET', '/profiles/{ada}/identifiers', undefined],
    ['listEvidence', 'GET', '/profiles/{ada}/evidence', undefined],
    ['listEvents', 'GET', '/profiles/{ada}/events?limit=1', undefined],
    ['listProfileAudiences', 'GET', '/profiles/{ada}/audiences', undefined],
    ['listProfileDeliveries', 'GET', '/profiles/{ada}/deliveries', undefined],
    ['readConsents', 'GET', '/profiles/{ada}/consents', undefined],
    ['listAudiences', 'GET', '/audiences', undefined],
    ['readAudience', 'GET', '/audiences/readers', undefined],
    ['listMembers', 'GET', '/audiences/readers/members?limit=1', undefined],
    ['listSources', 'GET', '/sources', undefined],
    ['listDestinations', 'GET', '/destinations', undefined],
    ['readDestination', 'GET', '/destinations/mail', undefined],
    ['listDeadLetters', 'GET', '/dead-letters?stage=send&since=2020-01-01T00:00:00Z', undefined],
    ['listDeadLettersOf', 'GET', '/destinations/mail/dead-letters', undefined],
    ['readDeadLetter', 'GET', '/dead-letters/1', undefined],
    ['resyncDestination', 'POST', '/destinations/mail/resync', undefined],
    ['previewAudience', 'POST', '/audiences/preview', { rule: { event: 'App Opened' } }],
    ['exportAudit', 'GET', '/audit/entries', undefined],
    ['listQuarantine', 'GET', '/quarantine', undefined],
    ['readQuarantined', 'GET', '/quarantine/1', undefined],
    ['listAudit', 'GET', '/audit', undefined],
    ['verifyAudit', 'POST', '/audit/verify', undefined],
    ['listKeys', 'GET', '/keys', undefined],
  ])('%s', async (id, method, path, body) => {
    const answer = await ask(method, path.replace('{ada}', await idOf('ada')), body);
    expect(answer).toMatchObject({ status: 200 });
    const answerSchema = operations.find((operation) => operation.id === id)?.answer;
    const validate = ajv.compile({ ...answerSchema, components });
    validate(answer.json);
    expect(validate.errors).toBeNull();
    expect(answer.json.items).not.toEqual([]);
  });
});

describe('a person', () => {
  it('is told with where everything comes from', async () => {
    const id = await idOf('ada');
    expect((await get(`/profiles/${id}`)).json.traits.first_name).toMatchObject({
      value: 'ada',
      source: 'shop',
      record: 1,
    });
    expect((await get(`/profiles/${id}/identifiers`)).json.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ namespace: 'email', value: 'ada@example.com', kind: 'person' }),
      ]),
    );
    expect((await get(`/profiles/${id}/evidence`)).json.items).toMatchObject([
      { left: { namespace: 'user_id' }, right: { namespace: 'email' }, record: 1, accepted: true },
      { left: { value: 'ada-phone' }, right: { value: 'ada' }, record: 4, accepted: true },
    ]);
    expect((await get(`/profiles/${id}/audiences`)).json.items).toMatchObject([
      { audience: 'readers', cause: 'live' },
    ]);
    expect((await get(`/profiles/${id}/deliveries`)).json.items).toMatchObject([
      { instance: 'mail', kind: 'audience', list: 'News', presence: 'confirmed' },
    ]);
  });

  it('has her events page by page, newest first', async () => {
    const id = await idOf('ada');
    const first = (await get(`/profiles/${id}/events?limit=1`)).json;
    const second = (await get(`/profiles/${id}/events?limit=1&before=${first.next}`)).json;
    const names = new Set([first.items[0].name, second.items[0].name]);
    expect(names).toEqual(new Set(['App Opened', 'Order Completed']));
  });

  it('who withdraws through the API is off the list, and the answer says why', async () => {
    const identifiers = [{ namespace: 'email', value: 'ada@example.com' }];
    const consents = [{ purpose: 'email_marketing', status: 'withdrawn' }];
    const written = await ask('POST', '/consents', { identifiers, consents });
    expect(written.json).toMatchObject({ accepted: 1 });
    const id = await idOf('ada');
    const deliveries = (): Promise<Answer> => get(`/profiles/${id}/deliveries`);
    await expect
      .poll(deliveries, { timeout: 30_000 })
      .toMatchObject({ json: { items: [{ presence: 'absent' }] } });
    const { decisions } = (await get(`/profiles/${id}/consents`)).json;
    expect(decisions).toContainEqual(
      expect.objectContaining({ channel: 'email', granted: false, reason: 'withdrawn' }),
    );
  });
});

describe('an operator', () => {
  it.each([
    ['/destinations/mail/dead-letters/replay', {}, 'DEAD_LETTER_UNKNOWN', 'deadletters list'],
    ['/destinations/mail/dead-letters/drop', { reason: 'a slip' }, 'DEAD_LETTER_UNKNOWN', 'list'],
    ['/quarantine/replay', {}, 'QUARANTINE_UNKNOWN', 'quarantine list'],
    ['/quarantine/drop', { reason: 'a slip' }, 'QUARANTINE_UNKNOWN', 'quarantine list'],
  ])(
    'is told by %s of ids that are none, and nothing is changed',
    async (path, body, code, says) => {
      const answer = await ask('POST', path, { ...body, ids: [1, 777, 778] });
      expect(answer.json).toMatchObject({ code, status: 404 });
      expect(answer.json.detail).toContain('the id 777, 778, expected');
      expect(answer.json.detail).toContain(says);
      expect((await get('/dead-letters/1')).json.state).toBe('open');
      expect((await get('/quarantine/1')).json.entry.state).toBe('open');
    },
  );

  it('drops a dead letter with a reason, pauses and resumes, and the log shows it', async () => {
    const drop = { stage: 'send', code: 'REJECTED', reason: 'she is not wanted' };
    const path = '/destinations/mail/dead-letters';
    const { code } = (await get('/dead-letters/1')).json;
    expect((await get('/dead-letters/1')).json).toMatchObject({ profileId: await idOf('grace') });
    const late = { ...drop, since: '2100-01-01T00:00:00Z' };
    expect((await ask('POST', `${path}/drop`, late)).json).toEqual({ changed: 0 });
    expect((await ask('POST', `${path}/drop`, { ...drop, code })).json).toEqual({ changed: 1 });
    const unknown = await ask('POST', '/destinations/nowhere/dead-letters/drop', drop);
    expect(unknown.json).toMatchObject({
      code: 'INSTANCE_UNKNOWN',
      detail: 'Found "nowhere", expected one of mail.',
    });
    expect((await get(`${path}?state=open`)).json.items).toEqual([]);
    expect((await ask('POST', '/destinations/mail/pause')).json.state).toBe('paused');
    expect((await ask('POST', '/destinations/mail/resume')).json.state).toBe('running');
    const other = { source: 'web', reason: 'nonsense' };
    expect((await ask('POST', '/quarantine/drop', other)).json).toEqual({ changed: 0 });
    const dropped = await ask('POST', '/quarantine/drop', { source: 'shop', reason: 'nonsense' });
    expect(dropped.json).toEqual({ changed: 1 });
    const log = JSON.stringify((await get('/audit?limit=1000')).json);
    expect(log).toContain('quarantine.settled');
    expect(log).toContain(createHash('sha256').update('she is not wanted').digest('hex'));
    expect(log).toContain(createHash('sha256').update('nonsense').digest('hex'));
    expect(log).not.toContain('not wanted');
    expect(log).not.toContain('@example.com');
  });
});

describe('the audit log', () => {
  it('is exported with what proves it: whoever has it computes the chain herself', async () => {
    const exported: { entry: string; leaf: string; chain: string }[] = (
      await get('/audit/entries?limit=1000')
    ).json.items;
    let chain = createHash('sha256').update('tributary audit log, version 1').digest();
    for (const { entry, leaf, chain: told } of exported) {
      const own = createHash('sha256')
        .update(Buffer.from([0]))
        .update(entry)
        .digest();
      expect(own.toString('hex')).toBe(leaf);
      chain = createHash('sha256').update(chain).update(own).digest();
      expect(chain.toString('hex')).toBe(told);
    }
    const size = exported.length;
    const head = { size, hash: chain.toString('hex') };
    expect((await ask('POST', '/audit/verify', { head })).json.intact).toBe(true);
    const forged = {
      size,
      hash: chain.toString('hex').replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    };
    expect((await ask('POST', '/audit/verify', { head: forged })).json).toMatchObject({
      intact: false,
      fault: { code: 'AUDIT_REWRITTEN' },
    });
  });

  it('holds who read whom, by references alone, and is intact', async () => {
    const id = await idOf('grace');
    await get(`/profiles/${id}`);
    const [newest] = (await get('/audit?limit=1')).json.items;
    expect(newest).toMatchObject({ kind: 'data.read', details: { operation: 'readProfile' } });
    const references = await store.query<{ reference: string }>(
      'gate',
      dynamicStatement('test.refs', 'SELECT audit_ref AS reference FROM identifier'),
    );
    const known = references.map(({ reference }) => reference);
    const subjects: string[] = newest.subjects;
    expect(subjects.length).toBeGreaterThan(0);
    expect(known).toEqual(expect.arrayContaining(subjects));
    expect(await verifyAudit(store)).toMatchObject({ intact: true });
  });
});
