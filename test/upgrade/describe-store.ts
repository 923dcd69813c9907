// What a store holds, told so that it can be compared across versions of the schema and of the code: who
// is one person, what is known and allowed, what is where, and how long the log and the audit log are.
import { createHash } from 'node:crypto';
import type { Store } from '../../core/src/store/store.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';

export interface StoreDescription {
  readonly figures: Readonly<Record<string, number>>;
  /** Over every person's identifiers and traits. */
  readonly people: string;
  /** Over every entry of the consent ledger. */
  readonly consents: string;
  /** Over what may be at destinations. */
  readonly deliveries: string;
}

const counts: Readonly<Record<string, string>> = {
  events: 'SELECT count(*) FROM event',
  profiles: 'SELECT count(*) FROM profile',
  identifiers: 'SELECT count(*) FROM identifier',
  acceptedPairs: 'SELECT count(*) FROM evidence WHERE rejected_by IS NULL',
  rejectedPairs: 'SELECT count(*) FROM evidence WHERE rejected_by IS NOT NULL',
  deviceSpans: 'SELECT count(*) FROM device_span',
  facts: 'SELECT count(*) FROM fact',
  consentEntries: 'SELECT count(*) FROM consent_entry',
  ledgerRows: 'SELECT count(*) FROM ledger',
  actions: 'SELECT count(*) FROM action',
  quarantined: 'SELECT count(*) FROM quarantine',
  auditEntries: 'SELECT count(*) FROM audit',
};

const people = `
  SELECT json_build_array(
    (SELECT json_agg(i.namespace || ':' || i.value ORDER BY i.namespace, i.value)
     FROM identifier i WHERE i.profile_id = p.id),
    p.traits)::text AS line
  FROM profile p`;

const consents = `
  SELECT json_build_array(i.namespace, i.value, c.purpose, c.channel, c.status, c.effective_at)::text
    AS line
  FROM consent_entry c JOIN identifier i ON i.id = c.identifier_id`;

const deliveries = `
  SELECT json_build_array(l.instance, l.list, l.vendor_key, l.presence, l.wanted)::text AS line
  FROM ledger l`;

export async function describeStore(store: Store): Promise<StoreDescription> {
  const figures: Record<string, number> = {};
  for (const [name, text] of Object.entries(counts)) {
    const [row] = await store.query<{ count: number }>(
      'background',
      dynamicStatement('test.count', text),
    );
    figures[name] = row?.count ?? 0;
  }
  return {
    figures,
    people: await digest(store, people),
    consents: await digest(store, consents),
    deliveries: await digest(store, deliveries),
  };
}

async function digest(store: Store, text: string): Promise<string> {
  const rows = await store.query<{ line: string }>(
    'background',
    dynamicStatement('test.lines', text),
  );
  const lines = rows.map(({ line }) => line).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
