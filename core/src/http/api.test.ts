// The API over real HTTP: what it answers, to whom, and what it leaves in the audit log.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../store/embedded.ts';
import type { Store } from '../store/store.ts';
import { openApiDocument } from './api/openapi.ts';
import { operations } from './api/operations.ts';
import { problems } from './api/problem.ts';
import { ada, grace, joan, split } from './fixtures/test-hub.ts';
import { privacyRequest } from './fixtures/test-privacy.ts';
import { startServer, type Answer, type RunningServer } from './fixtures/running-server.ts';
import { may, roles } from './roles.ts';

let store: Store;
let server: RunningServer;
beforeAll(async () => {
  store = await openEmbeddedStore({ folder: 'memory:' });
  server = await startServer(store);
});
afterAll(async () => {
  await server.close();
  await store.close();
});

const address = { namespace: 'email', value: 'ada@example.com' };
const couple = { left: address, right: { namespace: 'user_id', value: '42' } };

/** One call of every operation, as a person would make it. */
const calls: Readonly<Record<string, { path: string; body?: unknown }>> = {
  findProfile: { path: '/profiles?namespace=email&value=Ada%40example.com' },
  lookUpProfile: {
    path: '/profiles/lookup',
    body: { namespace: 'email', value: 'info@example.com' },
  },
  readProfile: { path: `/profiles/${ada}` },
  listIdentifiers: { path: `/profiles/${ada}/identifiers` },
  listEvidence: { path: `/profiles/${ada}/evidence?limit=2` },
  listEvents: { path: `/profiles/${ada}/events?limit=2` },
  listProfileAudiences: { path: `/profiles/${ada}/audiences` },
  listProfileDeliveries: { path: `/profiles/${ada}/deliveries` },
  readConsents: { path: `/profiles/${ada}/consents` },
  explainTrait: { path: `/explain/trait?trait=first_name&profile=${ada}` },
  explainMembership: {
    path: '/explain/membership?audience=readers&namespace=email&value=ada@example.com',
  },
  explainMerge: {
    path: '/explain/merge',
    body: {
      left: { namespace: 'email', value: 'ada@example.com' },
      right: { namespace: 'user_id', value: '42' },
    },
  },
  explainDelivery: { path: `/explain/delivery?instance=mail&profile=${ada}` },
  mergePeople: { path: '/identity/merges', body: couple },
  separatePeople: { path: '/identity/separations', body: { ...couple, preview: true } },
  liftSeparation: { path: '/identity/separations/lift', body: couple },
  retractEvidence: {
    path: '/identity/retractions',
    body: { ...couple, upTo: '2026-01-01T00:00:00Z' },
  },
  listDecisions: { path: `/profiles/${ada}/decisions` },
  recordConsent: {
    path: '/consents',
    body: {
      identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
      consents: [{ purpose: 'email_marketing', status: 'withdrawn' }],
    },
  },
  listAudiences: { path: '/audiences' },
  readAudience: { path: '/audiences/readers' },
  listMembers: { path: '/audiences/readers/members?limit=2' },
  previewAudience: { path: '/audiences/preview', body: { rule: { event: 'Bought' } } },
  takeBackup: { path: '/backups' },
  listSources: { path: '/sources' },
  readCheckpoint: { path: '/sources/shop/checkpoint' },
  setCheckpoint: { path: '/sources/shop/checkpoint', body: { checkpoint: { page: 2 } } },
  resetCheckpoint: { path: '/sources/shop/checkpoint' },
  pullSource: { path: '/sources/shop/pull' },
  pauseSource: { path: '/sources/shop/pause' },
  resumeSource: { path: '/sources/shop/resume' },
  listDestinations: { path: '/destinations' },
  readDestination: { path: '/destinations/mail' },
  pauseDestination: { path: '/destinations/mail/pause' },
  resumeDestination: { path: '/destinations/mail/resume' },
  approveGuard: { path: '/destinations/mail/approve', body: { minutes: 5 } },
  resyncDestination: { path: '/destinations/mail/resync' },
  resetDestination: { path: '/destinations/mail/reset' },
  listActions: { path: '/destinations/mail/actions?status=in_doubt' },
  settleAction: {
    path: '/destinations/mail/actions/55555555-5555-4555-8555-555555555555/settle',
    body: { verdict: 'delivered', reason: 'seen in the outbox' },
  },
  listOpenEvents: { path: '/destinations/mail/events' },
  settleEvent: { path: '/destinations/mail/events/9/settle', body: { verdict: 'not_delivered' } },
  listDeadLetters: {
    path: '/dead-letters?limit=2&state=open&stage=send&since=2026-01-01T00:00:00Z',
  },
  listDeadLettersOf: { path: '/destinations/mail/dead-letters?limit=2&state=open' },
  readDeadLetter: { path: '/dead-letters/2' },
  replayDeadLetters: { path: '/destinations/mail/dead-letters/replay', body: { ids: [1, 2] } },
  dropDeadLetters: {
    path: '/destinations/mail/dead-letters/drop',
    body: { code: 'REJECTED', reason: 'the list is gone' },
  },
  listQuarantine: { path: '/quarantine?source=shop' },
  readQuarantined: { path: '/quarantine/7' },
  replayQuarantined: { path: '/quarantine/replay', body: { ids: [7] } },
  dropQuarantined: { path: '/quarantine/drop', body: { ids: [7], reason: 'a test' } },
  erasePerson: { path: '/privacy-requests/erasures', body: { identifiers: [address] } },
  exportPerson: { path: '/privacy-requests/export', body: { identifiers: [address] } },
  recordObjection: {
    path: '/privacy-requests/objections',
    body: { identifiers: [address], purposes: ['email_marketing'] },
  },
  correctPerson: {
    path: '/privacy-requests/corrections',
    body: { identifiers: [address], traits: { first_name: 'Augusta' } },
  },
  listPrivacyRequests: { path: '/privacy-requests?state=working&limit=1' },
  readPrivacyRequest: { path: `/privacy-requests/${privacyRequest.id}` },
  confirmErasure: { path: `/privacy-requests/${privacyRequest.id}/destinations/mail/confirm` },
  readProcessingRecord: { path: '/processing-record' },
  readRetention: { path: '/retention' },
  listAudit: { path: '/audit?limit=1000' },
  exportAudit: { path: '/audit/entries?limit=2' },
  verifyAudit: { path: '/audit/verify' },
  readJob: { path: '/jobs/<job>' },
  readChange: { path: '/change' },
  planChange: { path: '/plan', body: {} },
  applyChange: { path: '/apply', body: {} },
  rebuildPeople: { path: '/rebuild' },
  listKeys: { path: '/keys' },
  createKey: { path: '/keys', body: { role: 'viewer', label: 'a', expiresInDays: 30 } },
  revokeKey: { path: '/keys/0123456789ab' },
};

async function call(id: string, key?: string): Promise<Answer> {
  const operation = operations.find((candidate) => candidate.id === id);
  const { path: example = '', body } = calls[id] ?? {};
  const spare = example.replace('0123456789ab', await spareKey(id));
  const path = spare.includes('<job>') ? spare.replace('<job>', await spareJob()) : spare;
  return server.call(operation?.method.toUpperCase() ?? '', `/api${path}`, key, body);
}

/** The id of long work that was asked for. */
async function spareJob(): Promise<string> {
  const answer = await fetch(`${server.url}/api/destinations/mail/reset`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await server.keyOf('admin')}`,
      prefer: 'wait=5, respond-async',
    },
  });
  expect(answer.status).toBe(202);
  const job = (await answer.json()) as { readonly id: string };
  return job.id;
}

/** The id of a key that may be revoked. */
async function spareKey(operation: string): Promise<string> {
  if (operation !== 'revokeKey') return '';
  return (await server.keys.create({ role: 'viewer', label: 'spare' }, 'test')).view.id;
}

async function auditOf(kind: string): Promise<{ kind: string; details: unknown }[]> {
  const answer = await server.call('GET', '/api/audit?limit=1000', await server.keyOf('admin'));
  const items: { kind: string; details: unknown }[] = answer.json.items;
  return items.filter((item) => item.kind === kind);
}

describe('every operation', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const document = openApiDocument(operations);

  it('has an example here', () => {
    expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(calls).toSorted());
  });

  it.each(operations.map(({ id }) => id))('%s answers as its schema says', async (id) => {
    const answer = await call(id, await server.keyOf('admin'));
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const schema = operations.find((candidate) => candidate.id === id)?.answer;
    const validate = ajv.compile({ ...schema, components: document.components });
    validate(answer.json);
    expect(validate.errors).toBeNull();
  });

  const matrix = operations.flatMap(({ id, permission }) =>
    roles.map((role) => [role, id, permission] as const),
  );
  it.each(matrix)('%s and %s: as the matrix of roles says', async (role, id, permission) => {
    const answer = await call(id, await server.keyOf(role));
    expect(answer.json.code === 'ROLE_FORBIDS').toBe(!may(role, permission));
    expect(answer.status === 403).toBe(!may(role, permission));
  });

  it.each(operations.map(({ id }) => id))('%s wants a key', async (id) => {
    const answer = await call(id);
    expect(answer.status).toBe(401);
    expect(answer.json.code).toBe('KEY_MISSING');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(operations.filter(({ body }) => body).map(({ id }) => id))(
    '%s refuses members that it does not know',
    async (id) => {
      const operation = operations.find((candidate) => candidate.id === id);
      const example = calls[id];
      const body = { ...Object(example?.body), surprise: 'ada@example.com' };
      const key = await server.keyOf('admin');
      const method = operation?.method.toUpperCase() ?? '';
      const answer = await server.call(method, `/api${example?.path}`, key, body);
      expect(answer.json).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(answer.json.detail).toContain('body has an unknown member "surprise"');
      expect(answer.text).not.toContain('ada@example.com');
    },
  );
});

describe('the OpenAPI document', () => {
  it('is served without a key and is the one that the router is made from', async () => {
    const answer = await server.call('GET', '/api/openapi.json');
    expect(answer.json).toEqual(JSON.parse(JSON.stringify(openApiDocument(operations))));
    expect(answer.json.openapi).toBe('3.1.0');
  });

  it('has unique ids, declares each parameter of its paths, and refers to nothing that is missing', () => {
    const document = openApiDocument(operations);
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, route, path } of operations) {
      const named = [...route.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect({ id, names: Object.keys(path.properties ?? {}) }).toEqual({ id, names: named });
    }
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
      const found = pointer
        .slice(1)
        .split('/')
        .reduce((value: unknown, name) => (value as Record<string, unknown>)?.[name], document);
      expect({ pointer, found }).toEqual({ pointer, found: expect.anything() });
    }
  });

  it('leaves out no problem of the closed list', () => {
    const text = JSON.stringify(openApiDocument(operations));
    const routing = ['ROUTE_UNKNOWN', 'METHOD_UNKNOWN', 'DEAD_LETTER_UNKNOWN', 'PEOPLE_BEING_MADE'];
    const missing = Object.keys(problems).filter((code) => !text.includes(`${code}: `));
    expect(missing.filter((code) => !routing.includes(code))).toEqual([]);
  });
});

describe('looking people up', () => {
  const lookUp = async (namespace: string, value: string): Promise<Answer> =>
    server.call('POST', '/api/profiles/lookup', await server.keyOf('privacy'), {
      namespace,
      value,
    });

  it('finds one by an identifier, in the URL or in the body', async () => {
    const inUrl = await call('findProfile', await server.keyOf('privacy'));
    expect(inUrl.json).toEqual({ kind: 'profile', profileId: ada });
    expect((await lookUp('email', 'ADA@example.com')).json).toEqual(inUrl.json);
  });

  it('says since when a device has its owner', async () => {
    expect((await lookUp('anonymous_id', 'd1')).json).toEqual({
      kind: 'profile',
      profileId: ada,
      ownerSince: '2026-04-01T00:00:00.000Z',
    });
  });

  it('answers all holders of a shared contact point', async () => {
    expect((await lookUp('email', 'info@example.com')).json).toEqual({
      kind: 'contact_point',
      holders: [ada, grace],
    });
  });

  it('answers an ambiguous id with the candidates, everywhere', async () => {
    const key = await server.keyOf('privacy');
    const paths = [
      '',
      '/identifiers',
      '/evidence',
      '/events',
      '/consents',
      '/audiences',
      '/deliveries',
    ];
    for (const path of paths) {
      const answer = await server.call('GET', `/api/profiles/${split}${path}`, key);
      expect({ path, status: answer.status }).toEqual({ path, status: 409 });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.json).toMatchObject({
        type: 'urn:tributary:problem:PROFILE_AMBIGUOUS',
        code: 'PROFILE_AMBIGUOUS',
        candidates: [ada, grace],
      });
    }
    expect((await lookUp('loyalty_card', '9')).status).toBe(409);
  });

  it('knows nobody by an id that was never handed out', async () => {
    const key = await server.keyOf('privacy');
    const answer = await server.call('GET', `/api/profiles/${joan}`, key);
    expect(answer.json).toMatchObject({ status: 404, code: 'PROFILE_UNKNOWN' });
    const odd = await server.call('GET', '/api/profiles/ada@example.com', key);
    expect(odd.json).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(odd.text).not.toContain('ada@example.com');
  });

  it('marks rejected evidence', async () => {
    const answer = await call('listEvidence', await server.keyOf('privacy'));
    expect(answer.json.items).toMatchObject([
      { trust: 'authenticated', accepted: true },
      { trust: 'declared', accepted: false, rejectedBy: 'limit:user_id' },
    ]);
  });

  it('pages through events and members until there are no more', async () => {
    const key = await server.keyOf('privacy');
    const walk = async (path: string, parameter: string): Promise<unknown[][]> => {
      const pages: unknown[][] = [];
      for (let next: string | undefined = ''; next !== undefined;) {
        const more = next === '' ? '' : `&${parameter}=${next}`;
        const { json } = await server.call('GET', `/api${path}?limit=2${more}`, key);
        const page: { items: unknown[]; next?: string } = json;
        pages.push(page.items);
        next = page.next;
      }
      return pages;
    };
    const events = await walk(`/profiles/${ada}/events`, 'before');
    expect(events.flat()).toMatchObject([{ number: 9 }, { number: 8 }, { number: 7 }]);
    const members = await walk('/audiences/readers/members', 'after');
    expect(members.flat()).toMatchObject([ada, grace, joan].map((profileId) => ({ profileId })));
  });
});

describe('what is read of people', () => {
  it('is in the audit log before it is answered, by reference and by key', async () => {
    const { key, view } = await server.keys.create({ role: 'privacy', label: 'desk' }, 'test');
    await server.call('GET', '/api/audiences/readers/members', key);
    const [newest] = await auditOf('data.read');
    expect(newest).toMatchObject({
      actor: `key:${view.id}`,
      subjects: [ada, grace, joan].map((id) => id.replace(/^./, 'a')),
      details: { operation: 'listMembers', profiles: 3 },
    });
    await server.call('GET', '/api/quarantine/7', key);
    expect((await auditOf('data.read'))[0]?.details).toEqual({
      operation: 'readQuarantined',
      profiles: 0,
    });
  });

  it('is not recorded where nobody was found and nothing personal was read', async () => {
    const key = await server.keyOf('admin');
    const before = (await auditOf('data.read')).length;
    await server.call('GET', `/api/profiles/${joan}`, key);
    await server.call('GET', '/api/audiences', key);
    expect(await auditOf('data.read')).toHaveLength(before);
  });

  it('never reaches the reports of requests', async () => {
    await call('findProfile', await server.keyOf('privacy'));
    await expect.poll(() => server.reports.some(({ route }) => route === 'findProfile')).toBe(true);
    expect(JSON.stringify(server.reports)).not.toMatch(/ada(@|%40)|example\.com|11111111/i);
    expect(JSON.stringify(server.logged)).not.toMatch(/ada@|example\.com/i);
  });
});

describe('an operator', () => {
  it('pauses and resumes under her own name', async () => {
    const { key, view } = await server.keys.create({ role: 'operator', label: 'on call' }, 'test');
    const paused = await server.call('POST', '/api/destinations/mail/pause', key);
    expect(paused.json.state).toBe('paused');
    const resumed = await server.call('POST', '/api/destinations/mail/resume', key);
    expect(resumed.json.state).toBe('running');
    expect(server.told.slice(-2)).toEqual([
      `pause mail key:${view.id}`,
      `resume mail key:${view.id}`,
    ]);
    const unknown = await server.call('POST', '/api/destinations/nowhere/pause', key);
    expect(unknown.json.code).toBe('INSTANCE_UNKNOWN');
  });

  it('sees the words of vendors without addresses and numbers of people', async () => {
    const masked = await call('listDeadLetters', await server.keyOf('operator'));
    expect(masked.json.items[0].message).toBe('… is not a "…", call …');
    const full = await call('listDeadLetters', await server.keyOf('admin'));
    expect(full.json.items[0].message).toContain('ada@example.com');
  });

  it('drops only with a reason', async () => {
    const key = await server.keyOf('operator');
    const answer = await server.call('POST', '/api/quarantine/drop', key, { ids: [7] });
    expect(answer.json.detail).toContain("body must have required property 'reason'");
  });
});

describe('keys', () => {
  it('are made, used, listed without their secret, and revoked at once', async () => {
    const admin = await server.keyOf('admin');
    const made = await server.call('POST', '/api/keys', admin, { role: 'viewer', label: 'wall' });
    const { key, view }: { key: string; view: { id: string } } = made.json;
    expect((await server.call('GET', '/api/audiences', key)).status).toBe(200);
    const list = await server.call('GET', '/api/keys', admin);
    expect(list.json.items).toContainEqual(expect.objectContaining({ id: view.id }));
    expect(list.text).not.toContain(key.slice(-43));
    const revoked = await server.call('DELETE', `/api/keys/${view.id}`, admin);
    expect(revoked.json).toEqual({ changed: 1 });
    expect((await server.call('GET', '/api/audiences', key)).json.code).toBe('KEY_INVALID');
  });

  it('that are none make their address wait, and no body is read for them', async () => {
    let now = Date.UTC(2026, 0, 1);
    const strict = await startServer(store, {
      now: () => now,
      failedAttempts: { attempts: 2 },
    });
    try {
      const attempt = () => strict.call('POST', '/api/keys', 'tk_nonsense', { role: 'admin' });
      expect((await attempt()).json.code).toBe('KEY_INVALID');
      expect((await attempt()).json.code).toBe('KEY_INVALID');
      const third = await attempt();
      expect(third.status).toBe(429);
      expect(third.headers.get('retry-after')).toBe('60');
      const good = (await strict.keys.create({ role: 'viewer', label: 'a' }, 'test')).key;
      now += 60_000;
      expect((await strict.call('GET', '/api/audiences', good)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});

describe('what is not as it should be', () => {
  it('gets problem details with a code', async () => {
    const key = await server.keyOf('admin');
    const raw = (body: string): Promise<Response> =>
      fetch(`${server.url}/api/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body,
      });
    expect(await (await raw('{"role":')).json()).toMatchObject({ code: 'BODY_NOT_JSON' });
    expect(await (await raw('[]')).json()).toMatchObject({ code: 'REQUEST_INVALID' });
    const large = await raw(JSON.stringify({ role: 'x'.repeat(300_000) }));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect((await server.call('GET', '/api/nothing', key)).json.code).toBe('ROUTE_UNKNOWN');
    expect((await server.call('PUT', '/api/keys', key)).json).toMatchObject({
      status: 405,
      code: 'METHOD_UNKNOWN',
    });
    expect((await server.call('GET', '/api/nothing')).json.code).toBe('KEY_MISSING');
    const limits = await server.call('GET', '/api/audit?limit=100000&limit=2', key);
    expect(limits.json.code).toBe('REQUEST_INVALID');
    const odd = await server.call('GET', '/api/profiles/%E0%A4%A', key);
    expect(odd.status).toBe(400);
    expect(odd.text).not.toMatch(/at .*\.(ts|js)/);
  });

  it('answers 503 while the store is away, and says so at /readyz', async () => {
    const other = await openEmbeddedStore({ folder: 'memory:' });
    let isAway = false;
    const away = await startServer(other, {
      readiness: [
        {
          name: 'store',
          check: async () => {
            await other.query('gate', { name: 'test.one', text: 'SELECT 1' });
            return true;
          },
        },
        {
          name: 'plugins',
          severity: 'degraded',
          check: () => (isAway ? '1 did not open' : true),
        },
      ],
    });
    try {
      const key = await away.keyOf('viewer');
      expect((await away.call('GET', '/readyz')).json).toEqual({ status: 'ready' });
      await other.close();
      isAway = true;
      const answer = await away.call('GET', '/api/keys', key);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      const ready = await away.call('GET', '/readyz');
      expect([ready.status, ready.json]).toEqual([
        503,
        {
          status: 'not_ready',
          notReady: ['store'],
          degraded: ['plugins'],
          reasons: { plugins: '1 did not open' },
        },
      ]);
      expect((await away.call('GET', '/healthz')).status).toBe(200);
    } finally {
      await away.close();
    }
  });
});

describe('headers', () => {
  it('are strict, and let no other site call the API', async () => {
    const answer = await fetch(`${server.url}/api/audiences`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });
});

describe('metrics', () => {
  it('need no key from beside the hub, and one from anywhere else', async () => {
    expect((await server.call('GET', '/metrics')).text).toBe('up 1\n');
    const from = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.9', ...headers } });
    expect((await from({})).status).toBe(401);
    const key = await server.keyOf('viewer');
    expect((await from({ authorization: `Bearer ${key}` })).status).toBe(200);
  });
});
