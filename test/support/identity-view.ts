// What identity amounts to, in names instead of ids, from the store and from a plain computation over
// all records at once. Equal views mean that nothing but arrival differs.
import { resolveGraph, type Member, type StoredPair } from '../../core/src/identity/component.ts';
import {
  compareLogins,
  deviceSpans,
  type LoginOrder,
} from '../../core/src/identity/device-spans.ts';
import { gatherFacts, type Gathered } from '../../core/src/identity/gather.ts';
import { keepUndominated, type Observation } from '../../core/src/identity/observation.ts';
import { createPairOrder, type PairOrderMaker } from '../../core/src/identity/pair-order.ts';
import type { IdentitySettings } from '../../core/src/identity/settings.ts';
import type {
  StandardIdentifier,
  StandardRecord,
} from '../../core/src/standardise/standard-record.ts';
import { dynamicStatement, type Queryable, type Store } from '../../core/src/store/store.ts';
import { testKeys } from './settings.ts';

export interface IdentityView {
  /** Each identifier: profile, times, and with whom it is connected. */
  readonly identifiers: readonly string[];
  readonly evidence: readonly string[];
  readonly spares: readonly string[];
  readonly spans: readonly string[];
  readonly logins: readonly string[];
  readonly contacts: readonly string[];
}

const nameOf = ({ namespace, value }: StandardIdentifier): string => `${namespace}:${value}`;

function lineOf(ends: readonly [string, string], one: Observation): string {
  return [...ends, one.trust, one.probability, one.at, one.messageHash].join(' ');
}

interface Judged {
  readonly left: string;
  readonly right: string;
  readonly leftKeeps: boolean;
  readonly rightKeeps: boolean;
  readonly rejectedBy: string | null;
}

/** Both ends in order of name, each with whether it keeps the pair. */
function statusLine(pair: Judged, one: Observation): string {
  const ends = [
    `${pair.left}${pair.leftKeeps ? '' : '!'}`,
    `${pair.right}${pair.rightKeeps ? '' : '!'}`,
  ];
  const [first = '', second = ''] = ends.sort();
  return `${lineOf([first, second], one)} ${pair.rejectedBy ?? 'accepted'}`;
}

function sortedEnds(left: string, right: string): [string, string] {
  return left < right ? [left, right] : [right, left];
}

export interface PlainOrders {
  readonly pairs?: PairOrderMaker;
  readonly logins?: LoginOrder;
}

/** All at once: no batches, no increments, nothing skipped. */
export function computeView(
  records: readonly StandardRecord[],
  settings: IdentitySettings,
  orders: PlainOrders = {},
): IdentityView {
  const erasedAt = new Map<string, number>();
  for (const record of records.filter(({ type }) => type === 'delete')) {
    for (const { hash } of [...record.identifiers, ...record.contacts]) {
      erasedAt.set(hash, Math.max(record.at, erasedAt.get(hash) ?? -Infinity));
    }
  }
  const facts = gatherFacts(records, erasedAt);
  const ids = new Map([...facts.sightings.keys()].map((hash, place) => [hash, place + 1]));
  const id = (identifier: StandardIdentifier): number => ids.get(identifier.hash) ?? 0;
  const nameById = new Map(
    [...facts.sightings.values()].map(({ identifier }) => [id(identifier), nameOf(identifier)]),
  );
  const name = (one: number): string => nameById.get(one) ?? '?';

  const members = new Map<number, Member>();
  for (const { identifier, firstAt } of facts.sightings.values()) {
    if (identifier.kind !== 'person') continue;
    members.set(id(identifier), {
      id: id(identifier),
      namespace: identifier.namespace,
      value: identifier.value,
      latentId: testKeys.latentId(identifier.hash),
      firstAt: erasedAt.get(identifier.hash) ?? firstAt,
      component: 0,
      profileId: '',
    });
  }
  const observed = Map.groupBy(facts.pairs.filter(isHeld(facts)), (pair) =>
    sortedEnds(pair.left.hash, pair.right.hash).join(),
  );
  const pairs: StoredPair[] = [];
  const spares: string[] = [];
  for (const group of observed.values()) {
    const [strongest, ...rest] = keepUndominated(group);
    if (strongest === undefined) continue;
    const status = { leftKeeps: true, rightKeeps: true, rejectedBy: null };
    pairs.push({ ...strongest, left: id(strongest.left), right: id(strongest.right), ...status });
    for (const one of rest)
      spares.push(lineOf(sortedEnds(nameOf(one.left), nameOf(one.right)), one));
  }
  const neverSame = separated(facts).map(
    ([one, other]) => [ids.get(one) ?? 0, ids.get(other) ?? 0] as const,
  );
  const graph = { members, strangers: new Map(), pairs, neverSame };
  const resolved = resolveGraph(graph, settings, orders.pairs ?? createPairOrder);
  const evidence = pairs.map((pair) => {
    const status = resolved.statuses.get(pair) ?? pair;
    return statusLine({ ...status, left: name(pair.left), right: name(pair.right) }, pair);
  });

  const loginsOf = Map.groupBy(facts.logins, (login) => login.device.hash);
  const spans: string[] = [];
  for (const logins of loginsOf.values()) {
    const plain = logins.map(({ at, trust, person }) => ({
      at,
      trust,
      personId: id(person),
      namespace: person.namespace,
      value: person.value,
    }));
    const device = logins[0] === undefined ? '' : nameOf(logins[0].device);
    for (const span of deviceSpans(plain, orders.logins ?? compareLogins)) {
      spans.push([device, span.from, span.to, name(span.personId)].join(' '));
    }
  }
  const components = Map.groupBy(resolved.places, ([, { component }]) => component);
  const connectedWith = new Map(
    [...components].map(([component, places]) => [
      component,
      places
        .map(([one]) => name(one))
        .sort()
        .join(),
    ]),
  );
  const identifiers = [...facts.sightings.values()].map(({ identifier, firstAt, lastAt }) => {
    const place = resolved.places.get(id(identifier));
    const own =
      identifier.kind === 'device' && !loginsOf.has(identifier.hash)
        ? testKeys.latentId(identifier.hash)
        : null;
    const connected = place === undefined ? nameOf(identifier) : connectedWith.get(place.component);
    return [
      nameOf(identifier),
      identifier.kind,
      place?.profileId ?? own,
      erasedAt.get(identifier.hash) ?? firstAt,
      lastAt,
      connected,
    ].join(' ');
  });
  return {
    identifiers: identifiers.sort(),
    evidence: evidence.sort(),
    spares: spares.sort(),
    spans: spans.sort(),
    logins: facts.logins
      .map(({ device, person, at, trust, messageHash }) =>
        [nameOf(device), at, nameOf(person), trust, messageHash].join(' '),
      )
      .sort(),
    contacts: facts.contacts
      .map(({ contact, subject, at }) => [nameOf(contact), nameOf(subject), at].join(' '))
      .sort(),
  };
}

/** Is an observation of a pair later than all that was retracted of it? */
function isHeld({ decisions }: Gathered) {
  return ({ left, right, at }: Gathered['pairs'][number]): boolean =>
    !decisions.some(
      ({ kind, ends: [one, other], reach }) =>
        kind === 'retract' &&
        at <= reach &&
        sortedEnds(one.hash, other.hash).join() === sortedEnds(left.hash, right.hash).join(),
    );
}

/** Hashes of pairs whose last word is that they are never the same; of two at once that counts. */
function separated({ decisions }: Gathered): [string, string][] {
  const said = decisions.filter(({ kind }) => kind !== 'retract');
  const couples = Map.groupBy(said, ({ ends: [one, other] }) =>
    sortedEnds(one.hash, other.hash).join(),
  );
  return [...couples.values()].flatMap((words): [string, string][] => {
    const latest = Math.max(...words.map(({ at }) => at));
    const last = words.filter(({ at, kind }) => at === latest && kind === 'separate');
    return last.slice(0, 1).map(({ ends: [one, other] }) => [one.hash, other.hash]);
  });
}

const label = (alias: string): string => `${alias}.namespace || ':' || ${alias}.value`;

const selectIdentifiers = dynamicStatement(
  'test.identity_identifiers',
  `SELECT ${label('i')} AS name, i.kind, i.profile_id, i.first_at, i.last_at,
     (SELECT string_agg(${label('c')}, ',' ORDER BY (${label('c')}) COLLATE "C")
      FROM identifier c WHERE c.component = i.component) AS connected
   FROM identifier i`,
);
const selectEvidence = (table: string, status: string) =>
  dynamicStatement(
    `test.identity_${table}`,
    `SELECT ${label('l')} AS left, ${label('r')} AS right, e.trust, e.probability, e.at,
       e.message_hash, ${status}
     FROM ${table} e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id`,
  );
const selectSpans = dynamicStatement(
  'test.identity_spans',
  `SELECT ${label('d')} AS device, s.from_at, s.to_at, ${label('p')} AS person
   FROM device_span s JOIN identifier d ON d.id = s.device_id JOIN identifier p ON p.id = s.person_id`,
);
const selectLogins = dynamicStatement(
  'test.identity_logins',
  `SELECT ${label('d')} AS device, s.at, ${label('p')} AS person, s.trust, s.message_hash
   FROM login s JOIN identifier d ON d.id = s.device_id JOIN identifier p ON p.id = s.person_id`,
);
const selectContacts = dynamicStatement(
  'test.identity_contacts',
  `SELECT ${label('c')} AS contact, ${label('s')} AS subject, n.at
   FROM contact n JOIN identifier c ON c.id = n.identifier_id JOIN identifier s ON s.id = n.subject_id`,
);

interface EvidenceRow {
  left: string;
  right: string;
  trust: Observation['trust'];
  probability: number;
  at: number;
  message_hash: string;
  left_keeps: boolean;
  right_keeps: boolean;
  rejected_by: string | null;
}

export async function readView(queryable: Queryable): Promise<IdentityView> {
  const lines = async (statement: Parameters<Queryable['query']>[0]): Promise<string[]> => {
    const rows = await queryable.query(statement);
    return rows.map((row) => Object.values(row).join(' ')).sort();
  };
  const pairs = await queryable.query<EvidenceRow>(
    selectEvidence('evidence', 'e.left_keeps, e.right_keeps, e.rejected_by'),
  );
  const spares = await queryable.query<EvidenceRow>(
    selectEvidence(
      'evidence_spare',
      'true AS left_keeps, true AS right_keeps, NULL AS rejected_by',
    ),
  );
  const observation = (row: EvidenceRow): Observation => ({
    trust: row.trust,
    probability: row.probability,
    at: row.at,
    source: '',
    messageHash: row.message_hash,
    number: 0,
  });
  return {
    identifiers: await lines(selectIdentifiers),
    evidence: pairs
      .map((row) =>
        statusLine(
          {
            left: row.left,
            right: row.right,
            leftKeeps: row.left_keeps,
            rightKeeps: row.right_keeps,
            rejectedBy: row.rejected_by,
          },
          observation(row),
        ),
      )
      .sort(),
    spares: spares.map((row) => lineOf(sortedEnds(row.left, row.right), observation(row))).sort(),
    spans: await lines(selectSpans),
    logins: await lines(selectLogins),
    contacts: await lines(selectContacts),
  };
}

const identityTables = [
  'identifier',
  'evidence',
  'evidence_spare',
  'retraction',
  'never_same',
  'login',
  'device_span',
  'contact',
  'handed_out',
  'erasure',
];

/** For the many runs of a property: on a server far quicker than truncating every table. */
export async function forgetIdentity(store: Store): Promise<void> {
  await store.transaction('background', async (transaction) => {
    await Promise.all(
      identityTables.map((table) =>
        transaction.query(dynamicStatement('test.forget', `DELETE FROM ${table}`)),
      ),
    );
  });
}
