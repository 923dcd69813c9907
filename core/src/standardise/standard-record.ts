// An event after standardisation: what resolve works on. Made by a pure, versioned function of the
// accepted record and the config, so that a fix in a normaliser is a rebuild and never a loss.
import type { ConsentChange, JsonObject, RecordType } from '@tributary/sdk';
import type { IdentifierKind } from '../identity/settings.ts';
import type { StandardDecision } from './decision-record.ts';

export interface StandardIdentifier {
  readonly namespace: string;
  /** Normalised. */
  readonly value: string;
  /** HMAC(deployment key, namespace ‖ value), 128 bits as uuid. */
  readonly hash: string;
  /** `contact`: a shared value that identifies nobody. */
  readonly kind: IdentifierKind | 'contact';
  /** The namespace's priority, 0 is the strongest. */
  readonly priority: number;
}

/** Index into `trustLevels`: 0 manual … 5 inferred. Smaller is stronger. */
export type TrustRank = 0 | 1 | 2 | 3 | 4 | 5;

export interface StandardRecord {
  readonly number: number;
  readonly source: string;
  /** Hash of (source, message id), 128 bits as uuid: breaks ties, never the log number. */
  readonly messageHash: string;
  readonly type: RecordType | 'decision';
  /** Stamped, milliseconds since 1970. */
  readonly at: number;
  readonly receivedAt: number;
  readonly origin: 'client' | 'server';
  readonly trust: TrustRank;
  /** 1 unless inferred. */
  readonly probability: number;
  readonly historical: boolean;
  /** Distinct, strongest first (persons before devices, then priority, then value). Without contacts. */
  readonly identifiers: readonly StandardIdentifier[];
  /** Shared values that the record named. */
  readonly contacts: readonly StandardIdentifier[];
  /** Named beside somebody who was erased: they were seen, and what was consented to counts. */
  readonly beside?: readonly StandardIdentifier[];
  /** identifiers[0]: the strongest person identifier, else the device. Undefined on records without any. */
  readonly subject: StandardIdentifier | undefined;
  /** alias: the other one. */
  readonly previous: StandardIdentifier | undefined;
  /** identify: standardised traits (null deletes). Empty otherwise. */
  readonly traits: JsonObject;
  /** track event or page name, group id; else the type. */
  readonly name: string;
  readonly properties: JsonObject;
  readonly context: JsonObject;
  readonly integrations: JsonObject;
  /** Explicit ones, and those that GPC or category preferences amount to. */
  readonly consents: readonly ConsentChange[];
  /** Per purpose, what the record itself says (category preferences); undefined: it says nothing. For forwarding this very event. */
  readonly eventConsent: Readonly<Record<string, boolean>> | undefined;
  /** decision: about the two identifiers; it has no subject, for nobody did anything. */
  readonly decision?: StandardDecision;
}

/** Everything that a record names: identifiers, contact points and an alias's other one. */
export function namedBy(record: StandardRecord): StandardIdentifier[] {
  const named = coveredIdentifiers(record);
  if (record.previous !== undefined) named.push(record.previous);
  return named;
}

/** Whom a consent that the record states is about: not an alias's other one. */
export function coveredIdentifiers(record: StandardRecord): StandardIdentifier[] {
  return [...record.identifiers, ...record.contacts, ...(record.beside ?? [])];
}

/** What a source emitted, unlike what an operator decided. */
export interface EmittedRecord extends StandardRecord {
  readonly type: RecordType;
}
