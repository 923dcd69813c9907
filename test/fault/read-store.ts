// What the store of a stopped hub holds, read past the hub: the log, the audit log, the books, and the
// state that a rebuild must make again to the letter.
import { createHash } from 'node:crypto';
import { verifyAudit, type AuditVerdict } from '../../core/src/audit/verify.ts';
import { decodePayload } from '../../core/src/standardise/payload-codec.ts';
import { isReduced } from '../../core/src/standardise/reduced-record.ts';
import { openStore, type StoreSettings } from '../../core/src/store/open.ts';
import { dynamicStatement, type Store } from '../../core/src/store/store.ts';

export interface LoggedEvent {
  readonly number: number;
  readonly messageId: string;
  /** What the hub tells vendors instead of the id. */
  readonly hash: string;
}

export interface StoreReading {
  readonly events: readonly LoggedEvent[];
  /** Why each record is kept aside. */
  readonly quarantined: readonly string[];
  readonly audit: AuditVerdict;
  /** By user id. */
  readonly counts: ReadonlyMap<string, { readonly orders: number; readonly visits: number }>;
  /** By what is compared: a digest, and the rows for an error's text. */
  readonly state: ReadonlyMap<string, { readonly digest: string; readonly rows: string[] }>;
  readonly books: readonly BookRow[];
}

export interface BookRow {
  readonly instance: string;
  readonly list: string;
  readonly kind: string;
  readonly delivered: number;
}

export async function readStore(settings: StoreSettings): Promise<StoreReading> {
  const store = await openStore(settings);
  try {
    return {
      events: await readLog(store),
      quarantined: await readQuarantine(store),
      audit: await verifyAudit(store),
      counts: await readCounts(store),
      state: await readState(store),
      books: await store.query<BookRow & object>(
        'background',
        dynamicStatement(
          'fault.books',
          'SELECT instance, list, kind, delivered FROM book ORDER BY 1, 2, 3',
        ),
      ),
    };
  } finally {
    await store.close();
  }
}

const selectPage = dynamicStatement(
  'fault.log',
  'SELECT number, message_hash, key_id, payload FROM event WHERE number > $1 ORDER BY number LIMIT 500',
);

interface LogRow {
  number: number;
  message_hash: string;
  key_id: number;
  payload: Uint8Array;
}

async function readLog(store: Store): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let after = 0; ;) {
    const rows = await store.query<LogRow>('background', selectPage, [after]);
    for (const { number, message_hash: hash, key_id: keyId, payload: bytes } of rows) {
      const stored = decodePayload({ keyId, bytes });
      const messageId = isReduced(stored) ? undefined : stored.messageId;
      events.push({ number, hash, messageId: messageId ?? `event ${number} has none` });
      after = number;
    }
    if (rows.length === 0) return events;
  }
}

async function readQuarantine(store: Store): Promise<string[]> {
  const rows = await store.query<{ reason: string }>(
    'background',
    dynamicStatement('fault.quarantine', `SELECT code || ' ' || message AS reason FROM quarantine`),
  );
  return rows.map(({ reason }) => reason);
}

async function readCounts(store: Store): Promise<StoreReading['counts']> {
  const rows = await store.query<{ value: string; computed: Record<string, number> }>(
    'background',
    dynamicStatement(
      'fault.counts',
      `SELECT i.value, p.computed FROM identifier i JOIN profile p ON p.id = i.profile_id
       WHERE i.namespace = 'user_id'`,
    ),
  );
  return new Map(
    rows.map(({ value, computed }) => [
      value,
      { orders: computed['orders'] ?? 0, visits: computed['visits'] ?? 0 },
    ]),
  );
}

/** Free of what only says when and in which order something was computed. */
const compared: Readonly<Record<string, string>> = {
  people: `SELECT i.namespace, i.value, i.kind, i.profile_id FROM identifier i`,
  profiles: `SELECT id, traits, computed FROM profile`,
  facts: `SELECT i.namespace, i.value, f.type, f.name, f.at, f.message_hash, f.source, f.properties
    FROM fact f LEFT JOIN identifier i ON i.id = f.subject_id`,
  members: `SELECT audience, profile_id FROM membership`,
  consents: `SELECT i.namespace, i.value, c.purpose, c.channel, c.effective_at, c.status, c.number
    FROM consent_entry c JOIN identifier i ON i.id = c.identifier_id`,
  evidence: `SELECT l.value AS left, r.value AS right, e.rejected_by
    FROM evidence e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id`,
};

export async function readState(store: Store): Promise<StoreReading['state']> {
  const state = new Map<string, { digest: string; rows: string[] }>();
  for (const [name, text] of Object.entries(compared)) {
    const found = await store.query<{ row: string }>(
      'background',
      dynamicStatement('fault.state', `SELECT to_jsonb(q)::text AS row FROM (${text}) AS q`),
    );
    const rows = found.map(({ row }) => row).toSorted();
    const digest = createHash('sha256').update(rows.join('\n')).digest('hex');
    state.set(name, { digest, rows });
  }
  return state;
}
