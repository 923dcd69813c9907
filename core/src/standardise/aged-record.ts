// What is left in the log of a record that is older than data of its kind is kept: whom it named, and what
// it said of consent. It is a record like any other, of a type that says no more than that. Pure.
import { isDeepStrictEqual } from 'node:util';
import {
  isJsonObject,
  type ConsentChange,
  type Identifier,
  type JsonObject,
  type SourceRecord,
} from '@tributary/sdk';
import { isDecision } from './decision-record.ts';
import type { DeploymentKeys } from './keys.ts';
import { isReduced, type StoredRecord } from './reduced-record.ts';
import type { StandardIdentifier, StandardRecord } from './standard-record.ts';
import { standardise, type EventHeader, type StandardiseSettings } from './standardise.ts';

/** What is dated before these moments counts no more. */
export interface Horizons {
  /** By source: all that its records say, but for whom they name and for consent. */
  readonly sources: ReadonlyMap<string, number>;
  /** By purpose: what proves consents, and the traits that are held for it alone. */
  readonly purposes: ReadonlyMap<string, number>;
}

interface Ageing {
  readonly header: EventHeader;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  readonly horizons: Horizons;
}

type Dated = Pick<EventHeader, 'source' | 'at'>;

/** Could less be left of it than was? Without a look at what it says. */
export function mayBeAged({ source, at }: Dated, horizons: Horizons): boolean {
  return (
    at < (horizons.sources.get(source) ?? -Infinity) || purposesBefore(at, horizons).length > 0
  );
}

function purposesBefore(at: number, { purposes }: Horizons): string[] {
  return [...purposes].flatMap(([purpose, before]) => (at < before ? [purpose] : []));
}

/** Undefined: it is as it was. */
export function ageStored(stored: StoredRecord, ageing: Ageing): StoredRecord | undefined {
  const { header, settings, keys, horizons } = ageing;
  if (!mayBeAged(header, horizons)) return undefined;
  // What operators decide stands until they decide otherwise.
  if (isDecision(stored)) return undefined;
  const purposes = new Set(purposesBefore(header.at, horizons));
  if (isReduced(stored)) {
    return stored.reduced === 'beside' ? orAsItWas(dropProof(stored, purposes), stored) : undefined;
  }
  if (stored.type === 'delete') return undefined;
  const bySource = header.at < (horizons.sources.get(header.source) ?? -Infinity);
  const result = standardise(header, stored, settings, keys);
  if (!('record' in result)) return bySource ? unreadableRest(stored) : undefined;
  const withoutTraits = dropTraits(stored, result.record, ageing, purposes);
  const said = bySource ? sayLess(withoutTraits, result.record, settings) : withoutTraits;
  return orAsItWas(dropProof(said, purposes), stored);
}

function orAsItWas(rest: StoredRecord, stored: StoredRecord): StoredRecord | undefined {
  return isDeepStrictEqual(rest, stored) ? undefined : rest;
}

/** What config has no words for counts for nothing; a no is kept for the day it has. */
function unreadableRest(record: SourceRecord): StoredRecord | undefined {
  const refuses = record.consents?.some(({ status }) => status !== 'granted') ?? false;
  return refuses ? undefined : { reduced: 'gone' };
}

/** Whom it named, by what trust, and consent: as an explicit statement where it was a preference. */
function sayLess(
  record: SourceRecord,
  standard: StandardRecord,
  settings: StandardiseSettings,
): SourceRecord {
  const { messageId, origin, trust, probability } = record;
  const gpc = record.context?.['gpc'] === true;
  const signals = gpc ? settings.consent.gpcDenies.length : 0;
  const consents = standard.consents.slice(0, standard.consents.length - signals);
  const base = {
    ...(messageId !== undefined && { messageId }),
    identifiers: namedBy(record, standard, settings),
    ...(origin !== undefined && { origin }),
    ...(trust !== undefined && { trust }),
    ...(probability !== undefined && { probability }),
    ...(gpc && { context: { gpc } }),
  };
  if (record.type !== 'alias') return { ...base, type: 'consent', consents };
  const { previous } = record;
  return { ...base, type: 'alias', previous, ...(consents.length > 0 && { consents }) };
}

/** Those, too, that config has no name for now: it may have one again. */
function namedBy(
  record: SourceRecord,
  { identifiers, contacts }: StandardRecord,
  { identity }: StandardiseSettings,
): Identifier[] {
  const unknown = record.identifiers.filter(({ namespace }) => !identity.namespaces.has(namespace));
  return [...[...identifiers, ...contacts].map(plain), ...unknown];
}

function plain({ namespace, value }: StandardIdentifier): Identifier {
  return { namespace, value };
}

/** Identifiers that such a trait gave stay named. Clients repeat traits in the context, with any call. */
function dropTraits(
  record: SourceRecord,
  standard: StandardRecord,
  { settings }: Ageing,
  purposes: ReadonlySet<string>,
): SourceRecord {
  const held = new Set(
    [...purposes].flatMap((name) => settings.consent.purposes.get(name)?.traits ?? []),
  );
  const rest = dropRepeated(record, held);
  if (rest.type !== 'identify' || !holdsAny(rest.traits, held)) return rest;
  const identifiers = namedBy(rest, standard, settings);
  return { ...rest, identifiers, traits: without(rest.traits, held) };
}

function dropRepeated(record: SourceRecord, held: ReadonlySet<string>): SourceRecord {
  const repeated = record.context?.['traits'];
  if (!isJsonObject(repeated) || !holdsAny(repeated, held)) return record;
  return { ...record, context: { ...record.context, traits: without(repeated, held) } };
}

function holdsAny(traits: JsonObject, names: ReadonlySet<string>): boolean {
  return Object.keys(traits).some((name) => names.has(name));
}

function without(traits: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(traits).filter(([name]) => !names.has(name)));
}

/** That somebody said yes or no, when and until when stays: without it she might be asked, or reached, again. */
function dropProof<Said extends { readonly consents?: readonly ConsentChange[] }>(
  record: Said,
  purposes: ReadonlySet<string>,
): Said {
  const { consents } = record;
  if (consents === undefined || !consents.some((change) => isProven(change, purposes))) {
    return record;
  }
  return {
    ...record,
    consents: consents.map((change) => {
      if (!isProven(change, purposes)) return change;
      const { evidence: _evidence, textVersion: _text, ...bare } = change;
      return bare;
    }),
  };
}

function isProven(
  { purpose, evidence, textVersion }: ConsentChange,
  purposes: ReadonlySet<string>,
): boolean {
  return purposes.has(purpose) && (evidence !== undefined || textVersion !== undefined);
}
