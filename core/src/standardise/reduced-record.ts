// What is left in the log of a record once somebody it speaks of was erased: only
// what others, and the computation of people, still rest on. Pure; the bytes are the codec's business.
import type { ConsentChange, Identifier, SourceRecord } from '@tributary/sdk';
import { nameIdentifiers, standardIdentifier } from './identifiers.ts';
import type { DeploymentKeys } from './keys.ts';
import type { StandardIdentifier, StandardRecord } from './standard-record.ts';
import {
  standardise,
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
      readonly origin: 'client' | 'server';
      readonly consents: readonly ConsentChange[];
    }
  /** A delete record, after it was carried out: the keyed hashes of what it named. */
  | { readonly reduced: 'erasure'; readonly hashes: readonly string[] };

export type StoredRecord = SourceRecord | ReducedRecord;

export function isReduced(stored: StoredRecord): stored is ReducedRecord {
  return 'reduced' in stored;
}

/** Undefined: the record is gone. */
export function standardiseStored(
  header: EventHeader,
  stored: StoredRecord,
  settings: StandardiseSettings,
  keys: DeploymentKeys,
): Standardised | undefined {
  if (!isReduced(stored)) return standardise(header, stored, settings, keys);
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
    beside: [...identifiers, ...contacts],
    consents: reduced.consents.filter(({ purpose }) => settings.consent.purposes.has(purpose)),
  };
}

function bareRecord(header: EventHeader, type: 'consent' | 'delete'): StandardRecord {
  return {
    ...header,
    type,
    origin: 'server',
    trust: 4,
    probability: 1,
    identifiers: [],
    contacts: [],
    subject: undefined,
    previous: undefined,
    traits: {},
    name: '',
    properties: {},
    context: {},
    integrations: {},
    consents: [],
    eventConsent: undefined,
  };
}

interface Reduction {
  readonly record: SourceRecord;
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
  const named = [...standard.identifiers, ...standard.contacts, ...(standard.beside ?? [])];
  if (standard.previous !== undefined) named.push(standard.previous);
  const erased = named.filter(isErased);
  if (erased.length === 0) return undefined;
  if (record.type === 'delete') {
    return { reduced: 'erasure', hashes: named.map(({ hash }) => hash) };
  }
  const others = named.filter((identifier) => !isErased(identifier));
  if (others.length === 0) return { reduced: 'gone' };
  const { subject } = standard;
  if (subject === undefined || isErased(subject)) {
    const { origin, consents } = standard;
    return { reduced: 'beside', identifiers: others.map(plain), origin, consents };
  }
  return withoutErased(reduction, erased);
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
      const beside = reduction.standard.beside ?? [];
      const others = beside.filter((identifier) => !isErased(identifier));
      if (others.length === beside.length) return undefined;
      if (others.length === 0) return { reduced: 'gone' };
      return { ...stored, identifiers: others.map(plain) };
    }
  }
}

function plain({ namespace, value }: StandardIdentifier): Identifier {
  return { namespace, value };
}

function withoutErased(
  { record, settings, keys }: Reduction,
  erased: readonly StandardIdentifier[],
): SourceRecord {
  const hashes = new Set(erased.map(({ hash }) => hash));
  const isHers = ({ namespace, value }: Identifier): boolean => {
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
