// Before a group is written: records that name somebody who was erased are kept out, or lose what they say
// of her where they are about somebody else. Nothing of what is kept out is stored.
import {
  decideErasure,
  decideSuppression,
  loadSuppressions,
  type Suppressed,
  type Suppression,
  type SuppressionVerdict,
} from '../privacy/suppression.ts';
import { isDecision } from '../standardise/decision-record.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { decodePayload, encodePayload } from '../standardise/payload-codec.ts';
import { isReduced, reduceStored } from '../standardise/reduced-record.ts';
import { standardise, type StandardiseSettings } from '../standardise/standardise.ts';
import type { Queryable } from '../store/store.ts';
import type { LogRow } from './check-record.ts';
import { selectSeen } from './plans.ts';
import type { QuarantineEntry } from './quarantine.ts';

export interface KeptOut {
  readonly source: string;
  readonly reason: Exclude<SuppressionVerdict, 'known'>;
}

export interface Admission {
  /** Row as handed in → as it is written; left out where it is kept out. */
  readonly rows: ReadonlyMap<LogRow, LogRow>;
  /** What is not kept aside either. */
  readonly withheld: ReadonlySet<QuarantineEntry>;
  readonly keptOut: readonly KeptOut[];
  /** Who is back by a record of the group. */
  readonly lifted: readonly Suppressed[];
}

export interface AdmissionSettings {
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
}

/** Undefined: nobody whom they name was ever erased. */
export async function admit(
  queryable: Queryable,
  rows: readonly LogRow[],
  quarantined: readonly QuarantineEntry[],
  settings: AdmissionSettings,
): Promise<Admission | undefined> {
  const named = new Set<string>();
  for (const row of rows) {
    if (row.type !== 'delete') for (const hash of row.named) named.add(hash);
  }
  for (const entry of quarantined) for (const hash of entry.named ?? []) named.add(hash);
  const suppressions = await loadSuppressions(queryable, [...named]);
  const isErasedHere = rows.some(
    (row) => row.type === 'delete' && row.named.some((hash) => named.has(hash)),
  );
  if (suppressions.size === 0 && !isErasedHere) return undefined;
  const isErased = (hash: string): boolean => isErasedHere || suppressions.has(hash);
  const returns = rows.filter((row) => mayLift(row) && row.named.some(isErased));
  const copies = await copiesAmong(queryable, returns);
  return decideAll(rows, quarantined, { suppressions, copies }, settings);
}

/** A copy of what was taken in before is a duplicate: nobody comes back by it, however late it comes. */
async function copiesAmong(
  queryable: Queryable,
  rows: readonly LogRow[],
): Promise<ReadonlySet<LogRow>> {
  if (rows.length === 0) return new Set();
  const seen = await queryable.query<{ place: number }>(selectSeen, [
    rows.map(({ source }) => source),
    rows.map(({ seenHash }) => seenHash),
  ]);
  return new Set(seen.flatMap(({ place }) => rows[place - 1] ?? []));
}

interface Known {
  readonly suppressions: Map<string, Suppression>;
  readonly copies: ReadonlySet<LogRow>;
}

function decideAll(
  rows: readonly LogRow[],
  quarantined: readonly QuarantineEntry[],
  { suppressions, copies }: Known,
  settings: AdmissionSettings,
): Admission {
  const written = new Map<LogRow, LogRow>();
  const keptOut: KeptOut[] = [];
  const lifted: Suppressed[] = [];
  for (const stretch of stretchesOf(rows)) {
    for (const row of stretch) erase(row, suppressions);
    for (const row of stretch) {
      if (mayLift(row) && !copies.has(row)) lifted.push(...liftBy(row, suppressions));
    }
    for (const row of stretch) {
      const verdicts = verdictsOf(row, suppressions);
      const hashes = new Set(verdicts.keys());
      const rest = hashes.size === 0 ? row : withoutErased(row, hashes, settings);
      const [reason] = verdicts.values();
      if (rest !== undefined) written.set(row, rest);
      if (reason !== undefined) keptOut.push({ source: row.source, reason });
    }
  }
  const isBack = ({ hash, at }: Suppressed): boolean =>
    at > (suppressions.get(hash)?.at ?? Infinity);
  const withheld = new Set(quarantined.filter((entry) => namesErased(entry, suppressions)));
  for (const { source } of withheld) keptOut.push({ source, reason: 'not_returned' });
  return { rows: written, withheld, keptOut, lifted: lifted.filter(isBack) };
}

/** Nothing that is refused brings anybody back, and of what time it is nobody can tell. */
function namesErased(
  { named = [] }: QuarantineEntry,
  suppressions: ReadonlyMap<string, Suppression>,
): boolean {
  return named.some((hash) => suppressions.get(hash)?.returnedAt === null);
}

/** Each begins with a delete record, which counts for what comes behind it. */
function stretchesOf(rows: readonly LogRow[]): LogRow[][] {
  const stretches: LogRow[][] = [];
  for (const row of rows) {
    const last = stretches.at(-1);
    if (last === undefined || row.type === 'delete') stretches.push([row]);
    else last.push(row);
  }
  return stretches;
}

function erase({ type, named, at, byAge }: LogRow, suppressions: Map<string, Suppression>): void {
  if (type !== 'delete') return;
  for (const hash of named) {
    suppressions.set(hash, decideErasure(suppressions.get(hash), { hash, at }, byAge === true));
  }
}

function mayLift({ type, mayReturn, historical }: LogRow): boolean {
  return type !== 'delete' && mayReturn && !historical;
}

/** Who comes back by a record is back for all of its stretch, whatever the order. */
function liftBy(row: LogRow, suppressions: Map<string, Suppression>): Suppressed[] {
  return row.named.flatMap((hash) => {
    const known = suppressions.get(hash);
    if (known === undefined || row.at <= known.at) return [];
    if (known.returnedAt !== null && known.returnedAt <= row.at) return [];
    suppressions.set(hash, { ...known, returnedAt: row.at });
    return [{ hash, at: row.at }];
  });
}

function verdictsOf(
  row: LogRow,
  suppressions: ReadonlyMap<string, Suppression>,
): Map<string, KeptOut['reason']> {
  const verdicts = new Map<string, KeptOut['reason']>();
  if (row.type === 'delete') return verdicts;
  for (const hash of row.named) {
    const known = suppressions.get(hash);
    const verdict = known === undefined ? 'known' : decideSuppression(known, row);
    if (verdict !== 'known') verdicts.set(hash, verdict);
  }
  return verdicts;
}

/** Undefined: it is about her. */
function withoutErased(
  row: LogRow,
  hashes: ReadonlySet<string>,
  { settings, keys }: AdmissionSettings,
): LogRow | undefined {
  if (row.subjectHash === null || hashes.has(row.subjectHash)) return undefined;
  const stored = decodePayload({ keyId: row.keyId, bytes: row.payload });
  if (isReduced(stored) || isDecision(stored)) return undefined;
  const result = standardise({ ...row, number: 0 }, stored, settings, keys);
  if ('problem' in result) return undefined;
  const standard = result.record;
  const rest = reduceStored(stored, { standard, settings, keys }, ({ hash }) => hashes.has(hash));
  if (rest === undefined || isReduced(rest)) return undefined;
  const { keyId, bytes } = encodePayload(rest);
  const stops = row.stops.filter(({ identifierHash }) => !hashes.has(identifierHash));
  const denials = row.denials && withoutErased(row.denials, hashes, { settings, keys });
  return { ...row, keyId, payload: bytes, stops, ...(row.denials && { denials }) };
}
