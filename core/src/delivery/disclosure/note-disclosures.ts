// Remembers whom a destination was shown, by keyed hashes: before a call leaves, since nobody may be left to
// tell afterwards, and again when it has settled, with the later moment. An erasure must reach everybody who
// ever got something, and the record of processing is counted here.
import type { JsonObject } from '@tributary/sdk';
import { isoTime, type Transaction } from '../../store/store.ts';
import type { Settlement } from '../send/settlement.ts';
import type { PurposeBasis } from '../../consent/read.ts';
import type { LedgerRow } from '../state/ledger-row.ts';
import type { InstanceWorld, ResolvedEvent } from '../world.ts';
import type { ReadonlyBases } from './bases.ts';
import { noteBases, noteDisclosures, noteErasures, selectSpeakers } from './plans.ts';

export interface Disclosure {
  readonly hash: string;
  /** `audience:<list>`, `profile`, `action:<name>`, `event:<type>`. */
  readonly scope: string;
  readonly fields: readonly string[];
  /** What it was allowed by. */
  readonly bases: readonly PurposeBasis[];
  /** Handed over beside the identifier by which the destination knows her. */
  readonly beside?: true;
}

/** With its handle. */
type HandledDisclosure = readonly [string, Omit<Disclosure, 'bases'>];

/** Did the request leave? What the vendor refused it has seen as well. */
function wasShown({ kind }: Settlement): boolean {
  return kind !== 'filtered' && kind !== 'superseded' && kind !== 'deferred';
}

/** Of what was on its way, by handle: what has left. */
export function shownOf(
  disclosures: Iterable<HandledDisclosure>,
  settlements: ReadonlyMap<string, Settlement>,
  bases: ReadonlyBases,
): Disclosure[] {
  return [...disclosures].flatMap(([handle, disclosure]) =>
    isShown(handle, settlements) ? [{ ...disclosure, bases: bases.get(handle) ?? [] }] : [],
  );
}

/** Of what is about to leave, by handle: what the gate lets pass. */
export function passedOf(
  disclosures: Iterable<HandledDisclosure>,
  passed: ReadonlyBases,
): Disclosure[] {
  return [...disclosures].flatMap(([handle, disclosure]) => {
    const bases = passed.get(handle);
    return bases === undefined ? [] : [{ ...disclosure, bases }];
  });
}

export async function writeDisclosures(
  world: InstanceWorld,
  transaction: Transaction,
  disclosures: readonly Disclosure[],
): Promise<void> {
  const distinct = [...joinFields(disclosures).values()];
  if (distinct.length === 0) return;
  await transaction.query(noteDisclosures, [
    world.id,
    distinct.map(({ hash }) => hash),
    distinct.map(({ scope }) => scope),
    distinct.map(({ fields }) => [...fields].sort().join('\u001f')),
    isoTime(world.clock.now()),
    world.settings.purposes,
    distinct.map(({ beside }) => beside !== true),
  ]);
  await writeBases(world, transaction, disclosures);
}

async function writeBases(
  world: InstanceWorld,
  transaction: Transaction,
  disclosures: readonly Disclosure[],
): Promise<void> {
  const rows = disclosures.flatMap(({ hash, scope, bases }) =>
    bases.map(({ purpose, basis }) => ({ hash, scope, purpose, basis })),
  );
  if (rows.length === 0) return;
  await transaction.query(noteBases, [
    world.id,
    rows.map(({ hash }) => hash),
    rows.map(({ scope }) => scope),
    rows.map(({ purpose }) => purpose),
    rows.map(({ basis }) => basis),
    isoTime(world.clock.now()),
  ]);
}

function joinFields(disclosures: readonly Disclosure[]): Map<string, Omit<Disclosure, 'bases'>> {
  const joined = new Map<string, Omit<Disclosure, 'bases'>>();
  for (const { hash, scope, fields, beside } of disclosures) {
    const key = `${hash} ${scope}`;
    const known = joined.get(key);
    const isBeside = beside === true && (known === undefined || known.beside === true);
    const all = [...new Set([...(known?.fields ?? []), ...fields])];
    joined.set(key, { hash, scope, fields: all, ...(isBeside && { beside: true }) });
  }
  return joined;
}

/** Of additions among what leaves or has left; a removal tells nobody anything new. */
export async function discloseStates(
  world: InstanceWorld,
  transaction: Transaction,
  rows: readonly LedgerRow[],
  bases: ReadonlyBases,
): Promise<void> {
  const shown = rows.filter((row) => row.operation === 'add');
  if (shown.length === 0) return;
  const speakers = await transaction.query<{ keyHash: string; hash: string }>(selectSpeakers, [
    world.id,
    shown.map((row) => row.keyHash),
    shown.map((row) => row.identifierId),
  ]);
  const hashes = new Map(speakers.map((row) => [row.keyHash, row.hash]));
  const disclosures = shown.flatMap(({ keyHash, list, namespace, flying }) => {
    const hash = hashes.get(keyHash);
    const scope = list === '' ? 'profile' : `audience:${list}`;
    if (hash === undefined) return [];
    const fields = fieldsOf(namespace, flying);
    return [{ hash, scope, fields, bases: bases.get(keyHash) ?? [] }];
  });
  await writeDisclosures(world, transaction, disclosures);
}

export function isShown(handle: string, settlements: ReadonlyMap<string, Settlement>): boolean {
  const settlement = settlements.get(handle);
  return settlement !== undefined && wasShown(settlement);
}

export function fieldsOf(namespace: string, content: JsonObject | null): string[] {
  return [namespace, ...Object.keys(content ?? {})];
}

/**
 * Of each identifier that the event hands over: by whichever of them she is erased, it must be known here. Which
 * members an event had is the clients' affair and has no bound: only its parts are told.
 */
export function disclosuresOfEvent(
  { record }: ResolvedEvent,
  key: { readonly namespace: string; readonly value: string },
): Omit<Disclosure, 'bases'>[] {
  const parts = ['properties', 'traits', 'context'] as const;
  const filled = parts.filter((part) => Object.keys(record[part]).length > 0);
  const named = [...record.identifiers, ...record.contacts];
  const fields = [...named.map(({ namespace }) => namespace), ...filled];
  return named.map(({ namespace, value, hash }) => {
    const isBeside = namespace !== key.namespace || value !== key.value;
    return { hash, scope: `event:${record.type}`, fields, ...(isBeside && { beside: true }) };
  });
}

/** What the vendor answered to erasures: the proof. */
export async function noteErasureAnswers(
  world: InstanceWorld,
  transaction: Transaction,
  rows: readonly LedgerRow[],
  settlements: ReadonlyMap<string, Settlement>,
): Promise<void> {
  if (world.destination.plugin.erase === undefined) return;
  const answered = rows.filter(
    (row) =>
      row.cause === 'erased' && row.operation === 'remove' && isShown(row.keyHash, settlements),
  );
  if (answered.length === 0) return;
  await transaction.query(noteErasures, [
    world.id,
    answered.map((row) => row.keyHash),
    answered.map((row) => settlements.get(row.keyHash)?.kind ?? ''),
    isoTime(world.clock.now()),
  ]);
}
