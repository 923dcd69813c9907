// Accepted record + config → what resolve works on. Pure: the same record and the same config give
// the same result on any machine, so profiles can be rebuilt from the log after a fix here. A word that
// config knew when the record was accepted, and knows no more, takes nothing else of the record along.
import type { JsonObject, SourceRecord, Trust } from '@tributary/sdk';
import type { ConsentSettings } from '../consent/settings.ts';
import type { IdentitySettings } from '../identity/settings.ts';
import type { SourceInstanceSettings } from '../intake/settings.ts';
import type { ProfileSettings } from '../profile/settings.ts';
import { readConsents, readEventConsent } from './consents.ts';
import { nameIdentifiers, previousIdentifier } from './identifiers.ts';
import type { DeploymentKeys } from './keys.ts';
import { recordProblem, type RecordProblem } from './problem.ts';
import type { StandardRecord, TrustRank } from './standard-record.ts';
import { standardiseTraits } from './traits.ts';

/** Raised with every change that alters a result: a store that was resolved by another version is rebuilt. */
export const standardiseVersion = 4;

export interface StandardiseSettings {
  readonly identity: IdentitySettings;
  readonly profile: ProfileSettings;
  readonly consent: ConsentSettings;
  readonly sources: ReadonlyMap<string, SourceInstanceSettings>;
}

/** The clear header of a log row. */
export interface EventHeader {
  readonly number: number;
  readonly source: string;
  readonly messageHash: string;
  readonly receivedAt: number;
  readonly at: number;
  readonly historical: boolean;
}

export type Standardised =
  { readonly record: StandardRecord } | { readonly problem: RecordProblem };

export function standardise(
  header: EventHeader,
  record: SourceRecord,
  settings: StandardiseSettings,
  keys: DeploymentKeys,
): Standardised {
  const source = settings.sources.get(header.source);
  const traits =
    record.type === 'identify' ? standardiseTraits(record.traits, settings.profile) : {};
  const rawTraits = record.type === 'identify' ? record.traits : {};
  const { identifiers, contacts } = nameIdentifiers(
    record.identifiers,
    rawTraits,
    settings.identity,
    keys,
  );
  const context = record.context ?? {};
  const eventConsent = source ? readEventConsent(context, source.consent) : undefined;
  const consents = readConsents(record, eventConsent, settings.consent);
  // A shared address identifies nobody, but its consent and its erasure are heard all the same.
  const heard = contacts.length > 0 && (consents.length > 0 || record.type === 'delete');
  if (identifiers.length === 0 && !heard) {
    return { problem: unknownNamespace(record, settings) ?? noIdentifier(record) };
  }
  const previous = record.type === 'alias' ? record.previous : undefined;
  return {
    record: {
      ...header,
      type: record.type,
      origin: record.origin ?? 'server',
      ...trustOf(record, source),
      identifiers,
      contacts,
      subject: identifiers[0],
      previous: previousIdentifier(previous, settings.identity, keys),
      traits,
      name: nameOf(record),
      properties: propertiesOf(record),
      context,
      integrations: record.integrations ?? {},
      consents,
      eventConsent,
    },
  };
}

/** Why intake refuses it: a word that nobody knows is a mistake of the sender, or lacks in config. */
export function unknownWord(
  record: SourceRecord,
  settings: StandardiseSettings,
): RecordProblem | undefined {
  return unknownNamespace(record, settings) ?? unknownPurpose(record, settings);
}

function unknownNamespace(
  record: SourceRecord,
  { identity: { namespaces } }: StandardiseSettings,
): RecordProblem | undefined {
  const named = [...record.identifiers, ...(record.type === 'alias' ? [record.previous] : [])];
  const stranger = named.find(({ namespace }) => !namespaces.has(namespace));
  if (!stranger) return undefined;
  return recordProblem(
    'RECORD_UNKNOWN_NAMESPACE',
    'identifiers',
    `namespace "${stranger.namespace.slice(0, 60)}", expected one of ${[...namespaces.keys()].join(', ')}`,
    'Add it under identity.namespaces and replay.',
  );
}

function unknownPurpose(
  record: SourceRecord,
  { consent: { purposes } }: StandardiseSettings,
): RecordProblem | undefined {
  const change = record.consents?.find(({ purpose }) => !purposes.has(purpose));
  if (!change) return undefined;
  return recordProblem(
    'RECORD_UNKNOWN_PURPOSE',
    'consents',
    `purpose "${change.purpose.slice(0, 60)}", expected one of ${[...purposes.keys()].join(', ')}`,
    'Add it under purposes and replay.',
  );
}

function noIdentifier(record: SourceRecord): RecordProblem {
  return recordProblem(
    'RECORD_NO_IDENTIFIER',
    'identifiers',
    `none of the ${record.identifiers.length} named is usable (empty, blocked, malformed or shared), at least one is needed`,
    'Send a user id, an address or an anonymous id.',
  );
}

/** A record may claim less trust than its source has, never more. */
export function trustOf(
  record: Pick<SourceRecord, 'origin' | 'trust' | 'probability'>,
  source: SourceInstanceSettings | undefined,
): { trust: TrustRank; probability: number } {
  const granted = source?.trust[record.origin ?? 'server'] ?? 'declared';
  const trust = weaker(rankOf(granted), rankOf(record.trust ?? granted));
  return { trust, probability: trust === 5 ? (record.probability ?? 0.5) : 1 };
}

const ranks: Readonly<Record<Trust, TrustRank>> = {
  manual: 0,
  authenticated: 1,
  confirmed: 2,
  transacted: 3,
  declared: 4,
  inferred: 5,
};

function rankOf(trust: Trust): TrustRank {
  return ranks[trust];
}

function weaker(left: TrustRank, right: TrustRank): TrustRank {
  return left > right ? left : right;
}

/** The name under which it is a fact. */
export function nameOf(record: SourceRecord): string {
  switch (record.type) {
    case 'track':
      return record.event;
    case 'page':
    case 'screen':
      return record.name ?? '';
    case 'group':
      return record.groupId;
    case 'identify':
    case 'alias':
    case 'consent':
    case 'delete':
      return '';
  }
}

function propertiesOf(record: SourceRecord): JsonObject {
  switch (record.type) {
    case 'track':
      return record.properties ?? {};
    case 'page':
    case 'screen':
      return record.category === undefined
        ? (record.properties ?? {})
        : { category: record.category, ...record.properties };
    case 'group':
      return record.traits ?? {};
    case 'identify':
    case 'alias':
    case 'consent':
    case 'delete':
      return {};
  }
}
