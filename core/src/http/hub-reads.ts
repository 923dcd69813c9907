// What the API needs of the hub, said in its own terms: the rooms behind it are wired in where the hub
// is composed. Times are milliseconds since 1970, profile ids uuid text.
import type { ConsentChange, Identifier, JsonObject, JsonValue, Receipt } from '@tributary/sdk';
import type { AuditRecord } from '../audit/read.ts';
import type { AuditVerdict } from '../audit/verify.ts';
import type { ConsentHistoryEntry } from '../consent/history.ts';
import type { Book } from '../delivery/books.ts';

export interface Hub {
  readonly profiles: ProfileReads;
  readonly audiences: AudienceReads;
  readonly sources: SourceReads;
  readonly destinations: DestinationOperations;
  readonly deadLetters: DeadLetterOperations;
  readonly quarantine: QuarantineOperations;
  readonly consent: ConsentOperations;
  readonly audit: AuditReads;
}

/** What an id or an identifier leads to. */
export type ProfileLookup =
  | { readonly kind: 'found'; readonly profileId: string; readonly since?: number | undefined }
  /** A shared contact point: it identifies nobody, these hold it. */
  | { readonly kind: 'contact'; readonly holders: readonly string[] }
  /** The id stood for identifiers that are several people now. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  | { readonly kind: 'unknown' };

export interface ProfileReads {
  /** Any id that was ever handed out. */
  findById(id: string): Promise<ProfileLookup>;
  /** The value as people type it; it is brought into its normal form. */
  findByIdentifier(identifier: Identifier): Promise<ProfileLookup>;
  /** undefined: there is no such profile. Computed traits are as of `now`. */
  read(profileId: string, now: number): Promise<ProfileView | undefined>;
  identifiers(profileId: string, limit: number): Promise<readonly IdentifierView[]>;
  /** Accepted and rejected pairs, the strongest first. */
  evidence(profileId: string, limit: number): Promise<readonly EvidenceView[]>;
  /** Newest first, before a place. */
  events(
    profileId: string,
    before: EventPlace | undefined,
    limit: number,
  ): Promise<readonly EventView[]>;
  /** Newest first. */
  consents(profileId: string, limit: number): Promise<readonly ConsentEntryRow[]>;
  /** What holds at `now` per purpose, channel and contact point. */
  consentDecisions(profileId: string, now: number): Promise<readonly ConsentDecisionView[]>;
  audiences(profileId: string, now: number): Promise<readonly MembershipView[]>;
  /** What is or should be at destinations, and what was done there. */
  deliveries(profileId: string, limit: number): Promise<readonly DeliveryView[]>;
  /** The random references that stand for these profiles in the audit log. */
  auditReferences(profileIds: readonly string[]): Promise<readonly string[]>;
}

export interface ProfileView {
  readonly id: string;
  readonly traits: Readonly<Record<string, TraitView>>;
  readonly computed: JsonObject;
}

export interface TraitView {
  readonly value: JsonValue;
  readonly source: string;
  readonly at: number;
  /** Log number of the record that said so. */
  readonly record: number;
}

export interface IdentifierView extends Identifier {
  readonly kind: 'person' | 'device' | 'contact';
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface EvidenceView {
  readonly left: Identifier;
  readonly right: Identifier;
  readonly trust: string;
  readonly probability: number;
  readonly source: string;
  readonly at: number;
  readonly record: number;
  /** Why it joins nobody, e.g. `limit:user_id`; undefined: it is accepted. */
  readonly rejectedBy: string | undefined;
}

export interface EventPlace {
  readonly at: number;
  readonly number: number;
}

export interface EventView {
  readonly type: string;
  readonly name: string;
  readonly at: number;
  readonly number: number;
  readonly source: string;
  readonly properties: JsonObject;
}

export type ConsentEntryRow = ConsentHistoryEntry;

export interface ConsentDecisionView {
  readonly purpose: string;
  readonly channel: string;
  /** undefined: the person as such. */
  readonly contactPoint: Identifier | undefined;
  readonly granted: boolean;
  readonly reason: string;
  /** The record that decided. */
  readonly record: number | undefined;
}

export interface MembershipView {
  readonly audience: string;
  readonly since: number | undefined;
  readonly cause: string | undefined;
}

export interface DeliveryView {
  readonly instance: string;
  readonly kind: 'audience' | 'profile' | 'event' | 'action';
  /** The vendor's list, or the action's name. */
  readonly list: string | undefined;
  readonly status: string;
  /** Of states: absent, in_doubt, accepted, confirmed. */
  readonly presence: string | undefined;
  readonly reason: string | undefined;
  readonly at: number;
}

export interface AudienceReads {
  list(): readonly AudienceView[];
  size(audience: string, now: number): Promise<number>;
  /** In the order of profile ids. */
  members(
    audience: string,
    after: string | undefined,
    limit: number,
    now: number,
  ): Promise<readonly MemberView[]>;
}

export interface AudienceView {
  readonly name: string;
  readonly title: string;
  /** As loaded. */
  readonly rule: JsonValue;
}

export interface MemberView {
  readonly profileId: string;
  readonly since: number | undefined;
  readonly cause: string | undefined;
}

export interface SourceReads {
  list(): Promise<readonly SourceView[]>;
}

export interface SourceView {
  readonly id: string;
  readonly plugin: string;
  readonly enabled: boolean;
  /** `running`, `failed`, `off`. */
  readonly state: string;
  readonly code: string | undefined;
  readonly openInQuarantine: number;
}

export interface DestinationOperations {
  list(): Promise<readonly DestinationView[]>;
  pause(instance: string, by: string): Promise<void>;
  resume(instance: string, by: string): Promise<void>;
  /** Until then the guards let everything through. */
  approveGuard(instance: string, until: number, by: string): Promise<void>;
  /** Takes everything at the destination for unknown and finds out or sends it again. */
  resync(instance: string, by: string): Promise<void>;
}

export interface DestinationView {
  readonly id: string;
  readonly plugin: string;
  readonly enabled: boolean;
  readonly dryRun: boolean;
  /** `running`, `paused`, `guarded`. */
  readonly state: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly since: number;
  /** Changes that planning has not looked at yet. */
  readonly lag: number;
  readonly oldestUndelivered: number | undefined;
  readonly openDeadLetters: number;
  readonly books: readonly BookView[];
}

export type BookView = Book;

export type SettledState = 'open' | 'replayed' | 'dropped';

export interface DeadLetterOperations {
  list(filter: DeadLetterQuery): Promise<readonly DeadLetterView[]>;
  /** @returns how many were open and are now on their way again. */
  replay(selection: DeadLetterSelection, by: string): Promise<number>;
  drop(selection: DeadLetterSelection, reason: string, by: string): Promise<number>;
}

export interface DeadLetterSelection {
  readonly instance: string;
  readonly ids?: readonly number[] | undefined;
  readonly code?: string | undefined;
  readonly list?: string | undefined;
}

export interface DeadLetterQuery extends DeadLetterSelection {
  readonly state?: SettledState | undefined;
  readonly after: number;
  readonly limit: number;
}

export interface DeadLetterView {
  readonly id: number;
  readonly instance: string;
  readonly stage: string;
  readonly kind: string;
  readonly list: string | undefined;
  readonly code: string;
  /** The vendor's words. */
  readonly message: string;
  readonly at: number;
  readonly state: SettledState;
  readonly settledAt: number | undefined;
  readonly settledReason: string | undefined;
}

export interface QuarantineOperations {
  list(query: QuarantineQuery): Promise<readonly QuarantineView[]>;
  /** With the bytes as they came. */
  show(
    id: number,
  ): Promise<(QuarantineView & { readonly payload: Uint8Array | undefined }) | undefined>;
  /** @returns what became of them: taken now, or still not. */
  replay(
    ids: readonly number[],
    by: string,
  ): Promise<{ readonly replayed: number; readonly stillOpen: number }>;
  drop(ids: readonly number[], reason: string, by: string): Promise<number>;
}

export interface QuarantineQuery {
  readonly source?: string | undefined;
  readonly code?: string | undefined;
  readonly state?: SettledState | undefined;
  readonly after: number;
  readonly limit: number;
}

export interface QuarantineView {
  readonly id: number;
  readonly source: string;
  readonly receivedAt: number;
  readonly code: string;
  readonly message: string;
  readonly record: number | undefined;
  readonly state: SettledState;
  readonly settledAt: number | undefined;
  readonly settledReason: string | undefined;
}

export interface ConsentOperations {
  /** Goes through intake like any record, so that a withdrawal stops deliveries at once. */
  record(
    identifiers: readonly Identifier[],
    consents: readonly ConsentChange[],
    by: string,
  ): Promise<Receipt>;
}

export interface AuditReads {
  /** Newest first. */
  tail(before: number | undefined, limit: number): Promise<readonly AuditRecord[]>;
  verify(): Promise<AuditVerdict>;
}
