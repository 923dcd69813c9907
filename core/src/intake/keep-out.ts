// Before a group is written: records that name somebody who was erased are kept out, or lose what they say
// of her where they are about somebody else. Nothing of what is kept out is stored.
import {
  decideSuppression,
  loadSuppressions,
  type Suppressed,
  type Suppression,
  type SuppressionVerdict,
} from '../privacy/suppression.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { decodePayload, encodePayload } from '../standardise/payload-codec.ts';
import { isReduced, reduceStored } from '../standardise/reduced-record.ts';
import { standardise, type StandardiseSettings } from '../standardise/standardise.ts';
import type { Queryable } from '../store/store.ts';
import type { LogRow } from './check-record.ts';

export interface KeptOut {
  readonly source: string;
  readonly reason: Exclude<SuppressionVerdict, 'known'>;
}

export interface Admission {
  /** Row as handed in → as it is written; left out where it is kept out. */
  readonly rows: ReadonlyMap<LogRow, LogRow>;
  readonly keptOut: readonly KeptOut[];
  /** Who is back by a record of the group. */
  readonly lifted: readonly Suppressed[];
}

export interface AdmissionSettings {
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
}

/** Undefined: nobody whom the rows name was ever erased. */
export async function admit(
  queryable: Queryable,
  rows: readonly LogRow[],
  settings: AdmissionSettings,
): Promise<Admission | undefined> {
  const named = new Set<string>();
  for (const row of rows) {
    if (row.type !== 'delete') for (const hash of row.named) named.add(hash);
  }
  const suppressions = await loadSuppressions(queryable, [...named]);
  return suppressions.size === 0 ? undefined : decideAll(rows, suppressions, settings);
}

function decideAll(
  rows: readonly LogRow[],
  suppressions: Map<string, Suppression>,
  settings: AdmissionSettings,
): Admission {
  const written = new Map<LogRow, LogRow>();
  const keptOut: KeptOut[] = [];
  const lifted: Suppressed[] = [];
  // Who comes back by a record of the group is back for all of it, whatever the order.
  for (const row of rows) {
    if (row.type === 'delete' || !row.mayReturn || row.historical) continue;
    for (const hash of row.named) {
      const known = suppressions.get(hash);
      if (known === undefined || row.at <= known.at) continue;
      if (known.returnedAt !== null && known.returnedAt <= row.at) continue;
      suppressions.set(hash, { ...known, returnedAt: row.at });
      lifted.push({ hash, at: row.at });
    }
  }
  for (const row of rows) {
    const verdicts = verdictsOf(row, suppressions);
    const rest = verdicts.size === 0 ? row : withoutErased(row, new Set(verdicts.keys()), settings);
    const [reason] = verdicts.values();
    if (rest !== undefined) written.set(row, rest);
    if (reason !== undefined) keptOut.push({ source: row.source, reason });
  }
  return { rows: written, keptOut, lifted };
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
  if (isReduced(stored)) return undefined;
  const result = standardise({ ...row, number: 0 }, stored, settings, keys);
  if ('problem' in result) return undefined;
  const standard = result.record;
  const rest = reduceStored(stored, { standard, settings, keys }, ({ hash }) => hashes.has(hash));
  if (rest === undefined || isReduced(rest)) return undefined;
  const { keyId, bytes } = encodePayload(rest);
  const stops = row.stops.filter(({ identifierHash }) => !hashes.has(identifierHash));
  return { ...row, keyId, payload: bytes, stops };
}
