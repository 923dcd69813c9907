// What is known of one person, from the rooms that know it.
import type { Identifier } from '@tributary/sdk';
import { readConsentHistory } from '../../consent/history.ts';
import { evidenceOf, identifiersOf, type Evidence } from '../../identity/explain.ts';
import {
  findById,
  findByIdentifier,
  rememberHandedOut,
  type Finding,
} from '../../identity/find.ts';
import { readHistory, readProfile } from '../../profile/read.ts';
import { standardIdentifier } from '../../standardise/identifiers.ts';
import type {
  ConsentDecisionView,
  DeliveryView,
  EvidenceView,
  MembershipView,
  ProfileLookup,
  ProfileReads,
} from '../hub-reads.ts';
import { selectAuditReferences, selectDeliveries, selectMemberships } from './plans.ts';
import { readerOf } from '../../store/reader.ts';
import type { Rooms } from './rooms.ts';

export function createProfileReads(rooms: Rooms): ProfileReads {
  const { store, settings, keys, config } = rooms;
  const reader = readerOf(store);

  const handOut = async (finding: Finding): Promise<ProfileLookup> => {
    const lookup = lookupOf(finding);
    // What leaves the hub is remembered, so that a later split makes the id ambiguous and not wrong.
    await rememberHandedOut(reader, idsOf(lookup), rooms.room.now());
    return lookup;
  };

  // Reads are exact even where the timer lags: what time alone has changed is evaluated first.
  const evaluateUpTo = async (profileId: string, now: number): Promise<void> => {
    const profile = await readProfile(reader, profileId, settings.profile);
    if ((profile?.checkAt ?? Infinity) <= now) await rooms.audiences.tick(store, now);
  };

  return {
    findById: async (id) => handOut(await findById(reader, id)),
    async findByIdentifier({ namespace, value }) {
      const identifier = standardIdentifier(namespace, value, settings.identity, keys);
      if (!identifier) return { kind: 'unknown' };
      return handOut(await findByIdentifier(reader, identifier.hash));
    },
    async read(profileId, now) {
      await evaluateUpTo(profileId, now);
      const profile = await readProfile(reader, profileId, settings.profile);
      if (!profile) return undefined;
      const traits = [...profile.traits].map(
        ([name, { value, from }]) =>
          [name, { value, source: from.s, at: from.t, record: from.n }] as const,
      );
      const { computed } = profile;
      return { id: profileId, traits: Object.fromEntries(traits), computed };
    },
    async identifiers(profileId, limit) {
      return (await identifiersOf(reader, profileId)).slice(0, limit);
    },
    async evidence(profileId, limit) {
      return (await evidenceOf(reader, profileId)).slice(0, limit).map(evidenceView);
    },
    events: (profileId, before, limit) => readHistory(reader, profileId, before, limit),
    consents: (profileId, limit) => readConsentHistory(reader, profileId, limit),
    consentDecisions: (profileId, now) => decisions(profileId, now, rooms),
    async audiences(profileId, now) {
      await evaluateUpTo(profileId, now);
      const rows = await reader.query<{ audience: string; since: number; cause: string }>(
        selectMemberships,
        [profileId],
      );
      const known = new Set(config.audiences.map(({ name }) => name));
      return rows.filter(({ audience }) => known.has(audience)) satisfies MembershipView[];
    },
    async deliveries(profileId, limit) {
      const rows = await reader.query<DeliveryRow>(selectDeliveries, [profileId, limit]);
      return rows.map((row) => ({
        ...row,
        list: row.list === '' || row.list === null ? undefined : row.list,
        presence: row.presence ?? undefined,
        reason: row.reason ?? undefined,
      }));
    },
    async auditReferences(profileIds) {
      const rows = await reader.query<{ audit_ref: string }>(selectAuditReferences, [profileIds]);
      return rows.map((row) => row.audit_ref);
    },
  };
}

function lookupOf(finding: Finding): ProfileLookup {
  switch (finding.kind) {
    case 'none':
      return { kind: 'unknown' };
    case 'profile':
      return { kind: 'found', profileId: finding.profileId };
    case 'device':
      return { kind: 'found', profileId: finding.profileId, since: finding.since };
    case 'contact':
      return { kind: 'contact', holders: finding.profileIds };
    case 'ambiguous':
      return { kind: 'ambiguous', candidates: finding.profileIds };
  }
}

function idsOf(lookup: ProfileLookup): readonly string[] {
  switch (lookup.kind) {
    case 'found':
      return [lookup.profileId];
    case 'contact':
      return lookup.holders;
    case 'ambiguous':
      return lookup.candidates;
    case 'unknown':
      return [];
  }
}

function evidenceView(evidence: Evidence): EvidenceView {
  const end = ({ namespace, value }: Identifier): Identifier => ({ namespace, value });
  return {
    left: end(evidence.left),
    right: end(evidence.right),
    trust: evidence.trust,
    probability: evidence.probability,
    source: evidence.source,
    at: evidence.at,
    record: evidence.number,
    rejectedBy: evidence.rejectedBy,
  };
}

interface DeliveryRow extends Omit<DeliveryView, 'list' | 'presence' | 'reason'> {
  list: string | null;
  presence: string | null;
  reason: string | null;
}

/** For each purpose: the person as such, and each of her contact points over the channels that use it. */
async function decisions(
  profileId: string,
  now: number,
  { store, config, consent }: Rooms,
): Promise<ConsentDecisionView[]> {
  const reader = readerOf(store);
  const identifiers = await identifiersOf(reader, profileId);
  const points = identifiers.filter(
    ({ namespace }) => config.identity.namespaces.get(namespace)?.contactPoint,
  );
  const views: ConsentDecisionView[] = [];
  for (const purpose of config.consent.purposes.keys()) {
    for (const channel of channelsOf(purpose, config)) {
      const subjects = [
        { profileId, identifierIds: [] },
        ...points.map(({ id }) => ({ profileId, identifierIds: [id] })),
      ];
      const answers = await consent.decide(reader, subjects, [purpose], channel, now);
      answers.forEach(({ granted, reason, entry }, place) => {
        const point = points[place - 1];
        const contactPoint = point && { namespace: point.namespace, value: point.value };
        views.push({ purpose, channel, contactPoint, granted, reason, record: entry?.number });
      });
    }
  }
  return views;
}

/** The channels by which destinations use the purpose; where none does, every channel as one. */
function channelsOf(purpose: string, config: Rooms['config']): readonly string[] {
  const used = [...config.destinations.values()].some(({ purposes }) => purposes.includes(purpose));
  return used ? ['email', 'sms', 'push', 'ads', 'data'] : ['*'];
}
