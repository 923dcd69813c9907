// API keys: their form, their comparison, and their life in the store.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { readAuditTail } from '../audit/read.ts';
import { verifyAudit } from '../audit/verify.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { formatApiKey, hashApiKey, isSameHash, parseApiKey } from './api-key.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { createKeyStore, type KeyStore } from './key-store.ts';
import { may, permissions, roles } from './roles.ts';

const start = Date.UTC(2026, 5, 1);

describe('the text of a key', () => {
  it('is read back as it was written, and nothing else is one', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        bytes(6),
        bytes(32),
        fc.nat({ max: 58 }),
        fc.string(),
        (idBytes, secretBytes, at, other) => {
          const key = {
            id: Buffer.from(idBytes).toString('hex'),
            secret: Buffer.from(secretBytes).toString('base64url'),
          };
          const text = formatApiKey(key);
          expect(parseApiKey(text)).toEqual(key);
          expect(parseApiKey(`${text.slice(0, at)}${text.slice(at + 1)}`)).toBeUndefined();
          expect(parseApiKey(other)).toBeUndefined();
        },
      ),
    );
  });

  it('hashes the id along, so that no secret fits the row of another key', () => {
    const secret = 'a'.repeat(43);
    const left = hashApiKey({ id: '000000000001', secret });
    expect(isSameHash(left, hashApiKey({ id: '000000000001', secret }))).toBe(true);
    expect(isSameHash(left, hashApiKey({ id: '000000000002', secret }))).toBe(false);
  });
});

describe('roles', () => {
  it.each([
    ['viewer', 'people.read', false],
    ['viewer', 'hub.operate', false],
    ['operator', 'hub.operate', true],
    ['operator', 'people.read', false],
    ['privacy', 'people.read', true],
    ['privacy', 'hub.operate', false],
    ['privacy', 'keys.manage', false],
  ] as const)('%s, %s: %s', (role, permission, allowed) => {
    expect(may(role, permission)).toBe(allowed);
  });

  it('admin may everything, and everybody sees states', () => {
    expect(permissions.every((permission) => may('admin', permission))).toBe(true);
    expect(roles.every((role) => may(role, 'states.read'))).toBe(true);
  });
});

describe('failed attempts', () => {
  it('make an address wait for the end of the period, and no other', () => {
    let now = start;
    const failed = createFailedAttempts(() => now, { attempts: 3, periodMs: 60_000 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(failed.waitSeconds('192.0.2.1')).toBe(0);
      failed.note('192.0.2.1');
    }
    now += 20_000;
    expect(failed.waitSeconds('192.0.2.1')).toBe(40);
    expect(failed.waitSeconds('192.0.2.2')).toBe(0);
    now += 40_000;
    expect(failed.waitSeconds('192.0.2.1')).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8::1', '2001:db8:0:0:5::1', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('%s and %s count as one: %s', (left, right, same) => {
    const failed = createFailedAttempts(() => start, { attempts: 1 });
    failed.note(left);
    expect(failed.waitSeconds(right) > 0).toBe(same);
  });

  it('remember a bounded number of addresses', () => {
    const failed = createFailedAttempts(() => start, { attempts: 1, addresses: 2 });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) failed.note(address);
    expect([1, 2, 3].map((last) => failed.waitSeconds(`192.0.2.${last}`) > 0)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

eachStore('API keys', (open) => {
  const clean = withCleanStore(open);
  let store: Store;
  let keys: KeyStore;
  let now: number;
  beforeEach(async () => {
    store = await clean();
    now = start;
    keys = createKeyStore({ store, now: () => now });
  });

  it('are shown once and kept as a hash', async () => {
    const { key, view } = await keys.create({ role: 'operator', label: 'cron' }, 'key:x');
    expect(await keys.check(key)).toEqual(view);
    const secret = parseApiKey(key)?.secret ?? '';
    const [row] = await store.query<{ row: string }>(
      'gate',
      dynamicStatement(
        'test',
        "SELECT concat(k, ' ', (SELECT string_agg(entry, '') FROM audit)) AS row FROM api_key k",
      ),
    );
    expect(row?.row).toContain(view.id);
    expect(row?.row).not.toContain(secret);
    expect(JSON.stringify(await keys.list())).not.toContain(secret);
  });

  it('end at once when they are revoked, and when they expire', async () => {
    const lasting = await keys.create({ role: 'viewer', label: 'a' }, 'hub');
    const short = await keys.create(
      { role: 'viewer', label: 'b', expiresAt: start + 1_000 },
      'hub',
    );
    expect(await keys.revoke(lasting.view.id, 'key:x')).toBe(true);
    expect(await keys.revoke(lasting.view.id, 'key:x')).toBe(false);
    expect(await keys.check(lasting.key)).toBeUndefined();
    now = start + 999;
    expect(await keys.check(short.key)).toBeDefined();
    now = start + 1_000;
    expect(await keys.check(short.key)).toBeUndefined();
    const tail = await store.transaction('gate', (transaction) => readAuditTail(transaction, {}));
    expect(tail.map((entry) => entry['kind'])).toEqual([
      'key.revoked',
      'key.created',
      'key.created',
    ]);
    expect(await verifyAudit(store)).toMatchObject({ intact: true, size: 3 });
  });

  it('with another secret, or of a role that is none, are refused', async () => {
    const { key, view } = await keys.create({ role: 'admin', label: 'a' }, 'hub');
    const other = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    expect(await keys.check(other)).toBeUndefined();
    expect(await keys.check('')).toBeUndefined();
    const sql = "UPDATE api_key SET role = 'emperor' WHERE id = $1";
    await store.query('gate', dynamicStatement('test', sql), [view.id]);
    expect(await keys.check(key)).toBeUndefined();
  });

  it('come with a first one for an admin, made once even by two hubs at once', async () => {
    const made = await Promise.all([keys.ensureFirst(), keys.ensureFirst(), keys.ensureFirst()]);
    const [first, ...others] = made.filter((key) => key !== undefined);
    expect(others).toEqual([]);
    expect(await keys.check(first ?? '')).toMatchObject({ role: 'admin' });
    expect(await keys.ensureFirst()).toBeUndefined();
  });
});
