// What the API needs of the hub, said in its own terms: the rooms behind it are wired in where the hub
// is composed. Times are milliseconds since 1970, profile ids uuid text.
import type { ConsentChange, Identifier, JsonObject, JsonValue, Receipt } from '@tributary/sdk';
import type { AuditRecord, ExportedEntry } from '../audit/read.ts';
import type { AuditVerdict, KnownHead } from '../audit/verify.ts';
import type { Changes } from '../change/changes.ts';
import type { ConsentHistoryEntry } from '../consent/history.ts';
import type { DecisionOperations } from './decisions.ts';
import type { ExplainReads } from './explanations.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type {
  DeadLetterOperations,
  DestinationOperations,
  QuarantineOperations,
  SourceReads,
} from './operator-reads.ts';

export interface Hub {
  readonly profiles: ProfileReads;
  readonly audiences: AudienceReads;
  readonly sources: SourceReads;
  readonly destinations: DestinationOperations;
  readonly deadLetters: DeadLetterOperations;
  readonly quarantine: QuarantineOperations;
  readonly explain: ExplainReads;
  readonly consent: ConsentOperations;
  readonly decisions: DecisionOperations;
  readonly audit: AuditReads;
  readonly privacy: PrivacyOperations;
  readonly backups: BackupOperations;
  readonly changes: Changes;
}

export interface BackupOperations {
  /** undefined: config names no folder. */
  take(
    actor: string,
    progress: (done: number) => void,
  ): Promise<
    | {
        readonly file: string;
        readonly bytes: number;
        readonly rows: number;
        /** ISO 8601. */
        readonly takenAt: string;
      }
    | undefined
  >;
}

/** Requests of people, and the record of what was done with whose data. */
export type PrivacyOperations = Omit<Privacy, 'start' | 'stop' | 'step' | 'reapply' | 'countOpen'>;

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
  /** How many would meet a rule as config writes it; nothing is written. */
  preview(rule: unknown, now: number): Promise<RulePreview>;
  /** In the order of profile ids. */
  members(
    audience: string,
    after: string | undefined,
    limit: number,
    now: number,
  ): Promise<readonly MemberView[]>;
}

export type RulePreview =
  | { readonly size: number; readonly profiles: number }
  /** What is wrong with the rule, each with its place in it. */
  | { readonly problems: readonly string[] };

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
  /** In the order of the log. */
  entries(after: number, limit: number): Promise<readonly ExportedEntry[]>;
  verify(heads: readonly KnownHead[]): Promise<AuditVerdict>;
}
