// API keys in the store: made, listed, revoked, checked. The secret is shown once, to whoever asked
// for the key; the store holds only its hash.
import { randomBytes as cryptoRandomBytes } from 'node:crypto';
import { appendAudit } from '../audit/append.ts';
import type { Store, Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import {
  formatApiKey,
  hashApiKey,
  isSameHash,
  makeApiKey,
  parseApiKey,
  type RandomBytes,
} from './api-key.ts';
import { insertKey, lockKeys, revokeKey, selectAnyKey, selectKey, selectKeys } from './plans.ts';
import { isRole, type Role } from './roles.ts';

export interface ApiKeyView {
  readonly id: string;
  readonly role: Role;
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

export interface NewApiKey {
  readonly role: Role;
  readonly label: string;
  /** undefined: it does not expire. */
  readonly expiresAt?: number | undefined;
}

export interface KeyStore {
  /** @returns the key in full, for the only time. @param by actor for the audit log. */
  create(key: NewApiKey, by: string): Promise<{ readonly key: string; readonly view: ApiKeyView }>;
  list(): Promise<ApiKeyView[]>;
  /** False: there is no such key, or it was revoked before. */
  revoke(id: string, by: string): Promise<boolean>;
  /** undefined: unknown, expired, revoked, or not of the form of a key. */
  check(text: string): Promise<ApiKeyView | undefined>;
  /** Makes an admin key in a store that has none yet, and returns it for the only time. */
  ensureFirst(): Promise<string | undefined>;
}

export interface KeyStoreOptions {
  readonly store: Store;
  now(): number;
  /** Default: node:crypto. */
  readonly randomBytes?: RandomBytes;
}

interface Row {
  id: string;
  hash: Uint8Array;
  role: string;
  label: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const { store, now, randomBytes = cryptoRandomBytes } = options;

  async function insert(
    transaction: Transaction,
    { role, label, expiresAt }: NewApiKey,
    by: string,
  ) {
    const key = makeApiKey(randomBytes);
    const createdAt = now();
    await transaction.query(insertKey, [
      key.id,
      hashApiKey(key),
      role,
      label,
      isoTime(createdAt),
      expiresAt === undefined ? null : isoTime(expiresAt),
    ]);
    const details = { key: key.id, role };
    await appendAudit(transaction, [{ kind: 'key.created', at: createdAt, actor: by, details }]);
    const view = { id: key.id, role, label, createdAt, expiresAt, revokedAt: undefined };
    return { key: formatApiKey(key), view };
  }

  return {
    create: (key, by) => store.transaction('gate', (transaction) => insert(transaction, key, by)),
    async list() {
      const rows = await store.query<Row>('gate', selectKeys);
      return rows.flatMap((row) => viewOf(row) ?? []);
    },
    revoke: (id, by) =>
      store.transaction('gate', async (transaction) => {
        const at = now();
        const rows = await transaction.query(revokeKey, [id, isoTime(at)]);
        if (rows.length === 0) return false;
        const details = { key: id };
        await appendAudit(transaction, [{ kind: 'key.revoked', at, actor: by, details }]);
        return true;
      }),
    async check(text) {
      const key = parseApiKey(text);
      if (!key) return undefined;
      const [row] = await store.query<Row>('gate', selectKey, [key.id]);
      return row && isSameHash(row.hash, hashApiKey(key)) ? liveView(row, now()) : undefined;
    },
    ensureFirst: () =>
      store.transaction('gate', async (transaction) => {
        await transaction.query(lockKeys);
        const known = await transaction.query(selectAnyKey);
        if (known.length > 0) return undefined;
        const first = { role: 'admin', label: 'made at the first start' } as const;
        return (await insert(transaction, first, 'hub')).key;
      }),
  };
}

function liveView(row: Row, now: number): ApiKeyView | undefined {
  const ended = Math.min(row.expires_at ?? Infinity, row.revoked_at ?? Infinity);
  return now < ended ? viewOf(row) : undefined;
}

/** A role that this code does not know has no permissions, so its key is none. */
function viewOf(row: Row): ApiKeyView | undefined {
  const { id, role, label } = row;
  if (!isRole(role)) return undefined;
  return {
    id,
    role,
    label,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
