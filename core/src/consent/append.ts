// Turns the consents of a batch of records into ledger entries. An entry covers exactly the
// identifiers that its record names, never a profile.
import type { ConsentChange } from '@tributary/sdk';
import {
  coveredIdentifiers,
  type StandardIdentifier,
  type StandardRecord,
} from '../standardise/standard-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { deleteErasedEntries, insertEntries } from './plans.ts';
import type { ConsentSettings } from './settings.ts';

export interface AppendedConsents {
  readonly entries: number;
  /** Numbers of the records that brought them. */
  readonly records: readonly number[];
  /** The identifiers that they cover. */
  readonly identifiers: ReadonlySet<number>;
}

interface Entry {
  readonly record: StandardRecord;
  readonly change: ConsentChange;
  readonly place: number;
  readonly identifierId: number;
  readonly ownDeviceOnly: boolean;
  /** Infinity: never. */
  readonly expiresAt: number;
}

type EntrySettings = Pick<StandardiseSettings, 'sources' | 'consent'>;

/** What identity says of the identifiers that the records name, by hash. */
export interface NamedIdentifiers {
  /** Interned ids. */
  readonly ids: ReadonlyMap<string, number>;
  /** Up to when an identifier is erased: what concerns it until then is forgotten, and no more. */
  readonly erasedAt: ReadonlyMap<string, number>;
}

export async function appendConsents(
  transaction: Transaction,
  records: readonly StandardRecord[],
  named: NamedIdentifiers,
  settings: EntrySettings,
): Promise<AppendedConsents> {
  const entries = records.flatMap((record) => entriesOf(record, named, settings));
  if (entries.length > 0) await transaction.query(insertEntries, columnsOf(entries));
  return {
    entries: entries.length,
    records: [...new Set(entries.map(({ record }) => record.number))],
    identifiers: new Set(entries.map(({ identifierId }) => identifierId)),
  };
}

function entriesOf(
  record: StandardRecord,
  { ids, erasedAt }: NamedIdentifiers,
  { sources, consent }: EntrySettings,
): Entry[] {
  const trusted =
    record.origin === 'server' ||
    (sources.get(record.source)?.consent.authenticatedConsent ?? false);
  return record.consents.flatMap((change, place) =>
    coveredBy(record, change, trusted).flatMap((identifier) => {
      const identifierId = ids.get(identifier.hash);
      const isErased = record.at <= (erasedAt.get(identifier.hash) ?? -Infinity);
      if (identifierId === undefined || isErased) return [];
      const ownDeviceOnly = change.status === 'granted' && !trusted;
      const expiresAt = expiryOf(change, record.at, consent);
      return [{ record, change, place, identifierId, ownDeviceOnly, expiresAt }];
    }),
  );
}

/** A public key may tighten for anybody, but grant only for its own device. */
export function coveredBy(
  record: StandardRecord,
  change: ConsentChange,
  trusted: boolean,
): readonly StandardIdentifier[] {
  if (change.status === 'granted' && !trusted) {
    return coveredIdentifiers(record).filter(({ kind }) => kind === 'device');
  }
  return coveredIdentifiers(record);
}

function columnsOf(entries: readonly Entry[]): unknown[] {
  return [
    entries.map((entry) => entry.identifierId),
    entries.map((entry) => entry.change.purpose),
    entries.map((entry) => entry.change.channel ?? '*'),
    entries.map((entry) => isoTime(entry.record.at)),
    entries.map((entry) => entry.record.number),
    entries.map((entry) => entry.place),
    entries.map((entry) => entry.change.status),
    entries.map((entry) => entry.record.trust),
    entries.map((entry) => entry.ownDeviceOnly),
    entries.map((entry) => entry.change.lawfulBasis ?? 'consent'),
    entries.map((entry) => entry.change.textVersion ?? null),
    entries.map((entry) => (entry.change.evidence ? JSON.stringify(entry.change.evidence) : null)),
    entries.map((entry) => entry.record.source),
    entries.map((entry) => entry.change.jurisdiction ?? null),
    entries.map((entry) => isoTime(entry.record.receivedAt)),
    entries.map(({ expiresAt }) => (expiresAt === Infinity ? null : isoTime(expiresAt))),
  ];
}

/** A grant does not outlive what config says of its purpose; a no lasts. */
function expiryOf(
  { purpose, status, expiresAt }: ConsentChange,
  at: number,
  { purposes }: ConsentSettings,
): number {
  const said = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
  const keepMs = status === 'granted' ? purposes.get(purpose)?.keepMs : undefined;
  return keepMs === undefined ? said : Math.min(said, at + keepMs);
}

/** Forgets what was recorded of erased identifiers up to the erasure. Without an entry the answer is no. */
export async function eraseConsents(
  transaction: Transaction,
  erased: readonly { readonly id: number; readonly at: number }[],
): Promise<void> {
  if (erased.length === 0) return;
  await transaction.query(deleteErasedEntries, [
    erased.map(({ id }) => id),
    erased.map(({ at }) => isoTime(at)),
  ]);
}
