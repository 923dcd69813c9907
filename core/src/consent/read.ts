// Consent decisions for many people at once: one statement loads what matters, the pure function decides.
import type { JsonValue } from '@tributary/sdk';
import type { IdentitySettings } from '../identity/settings.ts';
import type { Queryable } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import {
  decideConsent,
  type ConsentDecision,
  type ConsentEntryView,
  type ConsentStatus,
} from './decide.ts';
import { firmIdentifiers, type FirmIdentifiers } from './firm-identifiers.ts';
import { selectEntries, selectRegions } from './plans.ts';
import { regionDefaultOf } from './region.ts';
import type { ConsentSettings } from './settings.ts';

/** Whom a delivery would reach. */
export interface ConsentSubject {
  readonly profileId: string;
  /** The contact point (one id), or the identifiers that a forwarded event names. */
  readonly identifierIds: readonly number[];
}

export interface ConsentReader {
  /**
   * One decision per subject, in order. With several purposes all must be granted; the decision
   * returned is then the first that is not.
   */
  decide(
    queryable: Queryable,
    subjects: readonly ConsentSubject[],
    purposes: readonly string[],
    channel: string,
    at: number,
  ): Promise<JointDecision[]>;
  /**
   * What config says for these purposes where no entry covers a person: equal as JSON where it decides alike.
   * Undefined: nothing.
   */
  defaultsOf(purposes: readonly string[]): JsonValue | undefined;
}

/** What something was allowed by. A type, so that rows can be written as it. */
export type PurposeBasis = { readonly purpose: string; readonly basis: string };

export interface JointDecision extends ConsentDecision {
  /** Where it is granted: the legal basis of each purpose. */
  readonly bases: readonly PurposeBasis[];
}

interface EntryRow {
  place: number;
  identifier_id: number;
  /** What ties the identifier to the person: itself, or who owned the device at the time. */
  through_id: number;
  namespace: string;
  purpose: string;
  channel: string;
  status: ConsentStatus;
  effective_at: number;
  expires_at: number | null;
  own_device_only: boolean;
  lawful_basis: string;
  number: number;
}

export function createConsentReader(
  consent: ConsentSettings,
  identity: IdentitySettings,
): ConsentReader {
  return {
    async decide(queryable, subjects, purposes, channel, at) {
      if (subjects.length === 0) return [];
      const profileIds = [...new Set(subjects.map((subject) => subject.profileId))];
      const rows = await loadEntries(queryable, subjects, purposes, channel, at);
      const firm = await firmIdentifiers(queryable, profileIds);
      const regions = await loadRegions(queryable, consent, profileIds);
      const byPlace = groupByPlace(rows);
      return subjects.map((subject, place) => {
        const entries = (byPlace.get(place) ?? []).map((row) =>
          viewOf(row, subject, identity, firm),
        );
        const decisions = purposes.map((purpose) => {
          const regionDefault = regionDefaultOf(consent, purpose, regions.get(subject.profileId));
          const { identifierIds } = subject;
          const question = { purpose, channel, identifierIds, at, regionDefault };
          const decision = decideConsent(entries, question);
          const basis = decision.entry?.lawfulBasis ?? regionDefault?.lawfulBasis;
          return { ...decision, purpose, basis };
        });
        return combine(decisions);
      });
    },
    defaultsOf(purposes) {
      const regions = purposes.flatMap((purpose) =>
        [...(consent.purposes.get(purpose)?.regions ?? [])].map(
          ([region, { decision }]) => [purpose, region, decision] as const,
        ),
      );
      if (regions.length === 0) return undefined;
      return { trait: consent.regionTrait, regions: regions.map((rule) => rule.join(' ')).sort() };
    },
  };
}

async function loadEntries(
  queryable: Queryable,
  subjects: readonly ConsentSubject[],
  purposes: readonly string[],
  channel: string,
  at: number,
): Promise<EntryRow[]> {
  const named = subjects.flatMap(({ identifierIds }, place) =>
    identifierIds.map((id) => ({ id, place })),
  );
  return queryable.query<EntryRow>(selectEntries, [
    subjects.map((subject) => subject.profileId),
    subjects.map((_, place) => place),
    named.map(({ id }) => id),
    named.map(({ place }) => place),
    purposes,
    channel,
    isoTime(at),
  ]);
}

async function loadRegions(
  queryable: Queryable,
  consent: ConsentSettings,
  profileIds: readonly string[],
): Promise<Map<string, string>> {
  const needed = [...consent.purposes.values()].some((purpose) => purpose.regions.size > 0);
  if (!needed) return new Map();
  const rows = await queryable.query<{ id: string; region: string }>(selectRegions, [
    profileIds,
    consent.regionTrait,
  ]);
  return new Map(rows.map((row) => [row.id, row.region]));
}

function groupByPlace(rows: readonly EntryRow[]): Map<number, EntryRow[]> {
  const groups = new Map<number, EntryRow[]>();
  for (const row of rows) {
    const group = groups.get(row.place);
    if (group) group.push(row);
    else groups.set(row.place, [row]);
  }
  return groups;
}

function viewOf(
  row: EntryRow,
  subject: ConsentSubject,
  identity: IdentitySettings,
  firm: FirmIdentifiers,
): ConsentEntryView {
  return {
    identifierId: row.identifier_id,
    contactPoint: identity.namespaces.get(row.namespace)?.contactPoint ?? false,
    purpose: row.purpose,
    channel: row.channel,
    status: row.status,
    effectiveAt: row.effective_at,
    expiresAt: row.expires_at ?? undefined,
    grantCounts:
      subject.identifierIds.includes(row.identifier_id) ||
      firm.holds(subject.profileId, row.through_id, subject.identifierIds),
    ownDeviceOnly: row.own_device_only,
    lawfulBasis: row.lawful_basis,
    number: row.number,
  };
}

interface PurposeDecision extends ConsentDecision {
  readonly purpose: string;
  readonly basis: string | undefined;
}

/** All must be granted; the first refusal speaks, and the earliest change of any counts. */
function combine(decisions: readonly PurposeDecision[]): JointDecision {
  const nextChangeAt = Math.min(Infinity, ...decisions.map((decision) => decision.nextChangeAt));
  const refusal = decisions.find((decision) => !decision.granted) ?? decisions[0];
  if (!refusal) {
    return { granted: false, reason: 'no_entry', entry: undefined, nextChangeAt, bases: [] };
  }
  const { granted, reason, entry } = refusal;
  const bases = granted ? decisions.flatMap(basisOf) : [];
  return { granted, reason, entry, nextChangeAt, bases };
}

function basisOf({ purpose, basis }: PurposeDecision): PurposeBasis[] {
  return basis === undefined ? [] : [{ purpose, basis }];
}
