// May this person be reached for this purpose over this channel? Pure: entries in, answer out.
// A missing answer means no.
import type { RegionDefault } from './settings.ts';

export type ConsentStatus = 'granted' | 'denied' | 'withdrawn';

/** One ledger entry as it concerns one person. */
export interface ConsentEntryView {
  /** The identifier that the entry covers. */
  readonly identifierId: number;
  /** True when that identifier is an address or number of its own. */
  readonly contactPoint: boolean;
  readonly purpose: string;
  /** `*`: every channel. */
  readonly channel: string;
  readonly status: ConsentStatus;
  readonly effectiveAt: number;
  /** undefined: never. */
  readonly expiresAt: number | undefined;
  /** False where only inferred evidence ties the identifier to the person: it may deny, never grant. */
  readonly grantCounts: boolean;
  /** A grant that a public key made for its device: counts only where the question is about that device. */
  readonly ownDeviceOnly: boolean;
  /** GDPR article 6. */
  readonly lawfulBasis?: string;
  /** The record it came from. */
  readonly number: number;
}

export interface ConsentQuestion {
  readonly purpose: string;
  readonly channel: string;
  /** What would be reached: the contact point, or the identifiers that a forwarded event names. Empty: the person as such. */
  readonly identifierIds: readonly number[];
  readonly at: number;
  /** What config says of the person's region when no entry covers her; undefined: no. */
  readonly regionDefault: RegionDefault | undefined;
}

export type ConsentReason =
  'granted' | 'denied' | 'withdrawn' | 'no_entry' | 'expired' | 'region_default';

export interface ConsentDecision {
  readonly granted: boolean;
  readonly reason: ConsentReason;
  /** The entry that decided. */
  readonly entry: ConsentEntryView | undefined;
  /** When time alone may change the answer; Infinity: never. */
  readonly nextChangeAt: number;
}

/** Granted iff some covered identifier of the person grants and none denies. */
export function decideConsent(
  entries: readonly ConsentEntryView[],
  question: ConsentQuestion,
): ConsentDecision {
  const newest = [...newestByIdentifier(entries, question).values()];
  const nextChangeAt = earliestExpiry(newest, question.at);
  const live = newest.filter((entry) => !isExpired(entry, question.at));
  const denial = live.find((entry) => entry.status !== 'granted');
  if (denial) return { granted: false, reason: reasonOf(denial), entry: denial, nextChangeAt };
  const grant = live.find((entry) => grants(entry, question));
  if (grant) return { granted: true, reason: 'granted', entry: grant, nextChangeAt };
  const expired = newest.find((entry) => isExpired(entry, question.at));
  if (expired) return { granted: false, reason: 'expired', entry: expired, nextChangeAt };
  return withoutEntry(question, nextChangeAt);
}

/** Per identifier the newest entry that covers the question; at the same time the stricter. */
function newestByIdentifier(
  entries: readonly ConsentEntryView[],
  question: ConsentQuestion,
): Map<number, ConsentEntryView> {
  const newest = new Map<number, ConsentEntryView>();
  for (const entry of entries) {
    if (!concerns(entry, question)) continue;
    const known = newest.get(entry.identifierId);
    if (!known || isNewer(entry, known)) newest.set(entry.identifierId, entry);
  }
  return newest;
}

function concerns(entry: ConsentEntryView, question: ConsentQuestion): boolean {
  if (entry.purpose !== question.purpose) return false;
  if (entry.channel !== '*' && entry.channel !== question.channel) return false;
  if (entry.effectiveAt > question.at) return false;
  // An entry on another address concerns that address only.
  const elsewhere = entry.contactPoint && !question.identifierIds.includes(entry.identifierId);
  return !(elsewhere && question.identifierIds.length > 0);
}

function isNewer(entry: ConsentEntryView, known: ConsentEntryView): boolean {
  if (entry.effectiveAt !== known.effectiveAt) return entry.effectiveAt > known.effectiveAt;
  const strictness = rank(entry) - rank(known);
  if (strictness !== 0) return strictness > 0;
  // Stricter is the grant that ends sooner and the denial that lasts longer.
  const lasting = (entry.expiresAt ?? Infinity) - (known.expiresAt ?? Infinity);
  return entry.status === 'granted' ? lasting < 0 : lasting > 0;
}

function rank(entry: ConsentEntryView): number {
  if (entry.status !== 'granted') return 2;
  return entry.ownDeviceOnly ? 1 : 0;
}

function grants(entry: ConsentEntryView, question: ConsentQuestion): boolean {
  if (entry.status !== 'granted' || !entry.grantCounts) return false;
  return !entry.ownDeviceOnly || question.identifierIds.includes(entry.identifierId);
}

function isExpired(entry: ConsentEntryView, at: number): boolean {
  return entry.expiresAt !== undefined && entry.expiresAt <= at;
}

function reasonOf(entry: ConsentEntryView): ConsentReason {
  return entry.status;
}

function earliestExpiry(entries: readonly ConsentEntryView[], at: number): number {
  let earliest = Infinity;
  for (const { expiresAt } of entries) {
    if (expiresAt !== undefined && expiresAt > at && expiresAt < earliest) earliest = expiresAt;
  }
  return earliest;
}

function withoutEntry(question: ConsentQuestion, nextChangeAt: number): ConsentDecision {
  const granted = question.regionDefault?.decision === 'granted';
  const reason = granted ? 'region_default' : 'no_entry';
  return { granted, reason, entry: undefined, nextChangeAt };
}
