// What is left in the log of a record once somebody it speaks of was erased: only
// what others, and the computation of people, still rest on. Pure; the bytes are the codec's business.
import type { ConsentChange, Identifier, SourceRecord, Trust } from '@tributary/sdk';
import { bareRecord } from './bare-record.ts';
import { isDecision, type DecisionRecord } from './decision-record.ts';
import { nameIdentifiers, previousIdentifier, standardIdentifier } from './identifiers.ts';
import type { DeploymentKeys } from './keys.ts';
import { standardiseDecision } from './standardise-decision.ts';
import {
  coveredIdentifiers,
  namedBy,
  type StandardIdentifier,
  type StandardRecord,
} from './standard-record.ts';
import {
  standardise,
  trustOf,
  type EventHeader,
  type Standardised,
  type StandardiseSettings,
} from './standardise.ts';

export type ReducedRecord =
  /** Nothing: all that it named was erased. */
  | { readonly reduced: 'gone' }
  /** Its subject was erased: these were named beside her, and what they said of consent stays said. */
  | {
      readonly reduced: 'beside';
      readonly identifiers: readonly Identifier[];
      /** alias: the other one, who was seen, and whom no consent of the record covers. */
      readonly previous?: Identifier;
      readonly origin: 'client' | 'server';
      /** What the record claimed for itself: a guess grants nothing, whoever is left of it. */
      readonly trust?: Trust;
      readonly consents: readonly ConsentChange[];
    }
  /** A delete record, after it was carried out: the keyed hashes of what it named. */
  | { readonly reduced: 'erasure'; readonly hashes: readonly string[] };

export type StoredRecord = SourceRecord | DecisionRecord | ReducedRecord;

export function isReduced(stored: StoredRecord): stored is ReducedRecord {
  return 'reduced' in stored;
}

/** With every keyed hash in it made anew; undefined: it holds none. */
export function rehashReduced(
  stored: ReducedRecord,
  rehash: (identifierHash: string) => string,
): ReducedRecord | undefined {
  switch (stored.reduced) {
    case 'gone':
    case 'beside':
      return undefined;
    case 'erasure':
      return { ...stored, hashes: stored.hashes.map(rehash) };
  }
}

/** Undefined: the record is gone. */
export function standardiseStored(
  header: EventHeader,
  stored: StoredRecord,
  settings: StandardiseSettings,
  keys: DeploymentKeys,
): Standardised | undefined {
  if (!isReduced(stored)) {
    return isDecision(stored)
      ? standardiseDecision(header, stored, settings, keys)
      : standardise(header, stored, settings, keys);
  }
  switch (stored.reduced) {
    case 'gone':
      return undefined;
    case 'beside':
      return { record: recordBeside(header, stored, settings, keys) };
    case 'erasure': {
      const identifiers = stored.hashes.map(hashOnly);
      return { record: { ...bareRecord(header, 'delete'), identifiers } };
    }
  }
}

/** Who she was is not known any more; by this she is found in tables that know her hash. */
function hashOnly(hash: string): StandardIdentifier {
  return { namespace: '', value: '', hash, kind: 'person', priority: 0 };
}

export function isHashOnly({ namespace }: StandardIdentifier): boolean {
  return namespace === '';
}

function recordBeside(
  header: EventHeader,
  reduced: Extract<ReducedRecord, { reduced: 'beside' }>,
  settings: StandardiseSettings,
  keys: DeploymentKeys,
): StandardRecord {
  const { identifiers, contacts } = nameIdentifiers(
    reduced.identifiers,
    {},
    settings.identity,
    keys,
  );
  return {
    ...bareRecord(header, 'consent'),
    origin: reduced.origin,
    trust: trustOf(reduced, settings.sources.get(header.source)).trust,
    beside: [...identifiers, ...contacts],
    previous: previousIdentifier(reduced.previous, settings.identity, keys),
    consents: reduced.consents,
  };
}

interface Reduction {
  readonly record: SourceRecord | DecisionRecord;
  readonly standard: StandardRecord;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
}

/**
 * The record without the identifiers of which `isErased` is true; undefined: none of them is in it.
 * A record whose subject stays is a record still, without any text that is one of the erased values.
 */
function reduceErased(
  reduction: Reduction,
  isErased: (identifier: StandardIdentifier) => boolean,
): StoredRecord | undefined {
  const { record, standard } = reduction;
  const named = namedBy(standard);
  const erased = named.filter(isErased);
  if (erased.length === 0) return undefined;
  if (record.type === 'delete') {
    return { reduced: 'erasure', hashes: named.map(({ hash }) => hash) };
  }
  const { subject, origin, consents } = standard;
  if (isDecision(record)) return restBeside({ origin, consents }, standard, isErased);
  if (subject === undefined || isErased(subject)) {
    const trust = record.trust === undefined ? {} : { trust: record.trust };
    return restBeside({ origin, consents, ...trust }, standard, isErased);
  }
  return withoutErased({ ...reduction, record }, erased);
}

type RestBeside = Extract<ReducedRecord, { reduced: 'beside' }>;

/** What the record says of those it named beside the erased. */
function restBeside(
  said: Pick<RestBeside, 'origin' | 'trust' | 'consents'>,
  standard: StandardRecord,
  isErased: (identifier: StandardIdentifier) => boolean,
): ReducedRecord {
  const stays = (identifier: StandardIdentifier): boolean => !isErased(identifier);
  const identifiers = coveredIdentifiers(standard).filter(stays).map(plain);
  const { previous } = standard;
  const other = previous !== undefined && stays(previous) ? { previous: plain(previous) } : {};
  if (identifiers.length > 0) return { ...said, reduced: 'beside', identifiers, ...other };
  if (other.previous === undefined) return { reduced: 'gone' };
  return { ...said, reduced: 'beside', identifiers, ...other, consents: [] };
}

/** The same for whatever the log holds of a record. */
export function reduceStored(
  stored: StoredRecord,
  reduction: Omit<Reduction, 'record'>,
  isErased: (identifier: StandardIdentifier) => boolean,
): StoredRecord | undefined {
  if (!isReduced(stored)) return reduceErased({ ...reduction, record: stored }, isErased);
  switch (stored.reduced) {
    case 'gone':
    case 'erasure':
      return undefined;
    case 'beside': {
      if (!namedBy(reduction.standard).some(isErased)) return undefined;
      const { reduced: _reduced, identifiers: _named, previous: _previous, ...said } = stored;
      return restBeside(said, reduction.standard, isErased);
    }
  }
}

function plain({ namespace, value }: StandardIdentifier): Identifier {
  return { namespace, value };
}

function withoutErased(
  { record, settings, keys }: Reduction & { readonly record: SourceRecord },
  erased: readonly StandardIdentifier[],
): SourceRecord {
  const hashes = new Set(erased.map(({ hash }) => hash));
  const isHers = ({ namespace, value }: Identifier): boolean => {
    // What config has no name for any more may well be hers.
    if (!settings.identity.namespaces.has(namespace)) return true;
    const standard = standardIdentifier(namespace, value, settings.identity, keys);
    return standard !== undefined && hashes.has(standard.hash);
  };
  const spaces = [...new Set(erased.map(({ namespace }) => namespace))];
  const isHerText = (text: string): boolean =>
    spaces.some((namespace) => isHers({ namespace, value: text }));
  const rest: SourceRecord =
    record.type === 'alias' && isHers(record.previous)
      ? { ...aliasRest(record), type: 'consent', consents: record.consents ?? [] }
      : record;
  const { identifiers, ...said } = rest;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts are taken out, shapes stay
  const cleared = clear(said, isHerText) as Omit<SourceRecord, 'identifiers'>;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same record, fewer identifiers
  return { ...cleared, identifiers: identifiers.filter((one) => !isHers(one)) } as SourceRecord;
}

function aliasRest({
  previous: _previous,
  ...rest
}: Extract<SourceRecord, { type: 'alias' }>): Omit<typeof rest, 'type'> {
  return rest;
}

/** The value without texts that `isHers` knows: a member of an object goes, one of a list too. */
function clear(value: unknown, isHers: (text: string) => boolean): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    return isHers(String(value)) ? undefined : value;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => clear(item, isHers)).filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const cleared = clear(item, isHers);
    return cleared === undefined && item !== undefined ? [] : [[key, cleared]];
  });
  return Object.fromEntries(kept);
}
