// Why two identifiers are one person, or are not: the path of evidence between them, and the pairs that
// would join them had nothing rejected them.
import type { Identifier } from '@tributary/sdk';
import { decisionsOf } from '../../../identity/decisions.ts';
import { evidenceOf, mergePath, mostExplained, type Evidence } from '../../../identity/explain.ts';
import { findByIdentifier, type Finding } from '../../../identity/find.ts';
import { standardIdentifier } from '../../../standardise/identifiers.ts';
import { readDeciders } from '../../../resolve/read-deciders.ts';
import type { Queryable } from '../../../store/store.ts';
import type { MergeExplained, Reason } from '../../explanations.ts';
import { readerOf, type Rooms } from '../rooms.ts';
import { deciderWords } from './decider-words.ts';
import { evidenceReason } from './evidence-words.ts';
import { identifierWords, timeWords } from './words.ts';

interface End {
  readonly identifier: Identifier;
  readonly hash: string;
  readonly found: Finding;
}

export async function explainMerge(
  rooms: Rooms,
  left: Identifier,
  right: Identifier,
): Promise<MergeExplained | undefined> {
  const [one, other] = [await find(rooms, left), await find(rooms, right)];
  if (!one || !other) return undefined;
  const shared = [one, other].filter(({ found }) => found.kind === 'contact');
  if (shared.length > 0) return explainShared(shared, [one, other]);
  const [first, second] = [profilesOf(one)[0] ?? '', profilesOf(other)[0] ?? ''];
  return first === second
    ? explainSame(rooms, first, one, other)
    : explainApart(rooms, first, second);
}

async function find(rooms: Rooms, identifier: Identifier): Promise<End | undefined> {
  const { namespace, value } = identifier;
  const { settings, keys, store } = rooms;
  const standard = standardIdentifier(namespace, value, settings.identity, keys);
  if (!standard) return undefined;
  const found = await findByIdentifier(readerOf(store), standard.hash);
  return found.kind === 'none' ? undefined : { identifier, hash: standard.hash, found };
}

function profilesOf({ found }: End): readonly string[] {
  switch (found.kind) {
    case 'profile':
    case 'device':
      return [found.profileId];
    case 'contact':
    case 'ambiguous':
      return found.profileIds;
    case 'none':
      return [];
  }
}

function explainShared(shared: readonly End[], ends: readonly End[]): MergeExplained {
  return {
    answer: 'Not joined: what is shared identifies nobody.',
    because: shared.map((end) => ({
      says: `${identifierWords(end.identifier)} is a contact point that ${profilesOf(end).length} profiles hold`,
      holds: true,
    })),
    samePerson: false,
    profiles: [...new Set(ends.flatMap(profilesOf))],
  };
}

async function explainSame(
  { store }: Rooms,
  profileId: string,
  one: End,
  other: End,
): Promise<MergeExplained> {
  const reader = readerOf(store);
  const path = await mergePath(reader, profileId, one.hash, other.hash);
  const rejected = (await evidenceOf(reader, profileId)).filter(isRejected);
  return {
    answer: 'One person.',
    because: [
      ...(await reasonsOf(reader, path ?? [])),
      ...(path?.length === 0 ? [{ says: 'it is the same identifier', holds: true }] : []),
      ...(rejected.length === 0
        ? []
        : [
            {
              says: 'what might join her with others, but does not',
              because: await reasonsOf(reader, rejected),
            },
          ]),
    ],
    samePerson: true,
    profiles: [profileId],
  };
}

async function explainApart(
  { store }: Rooms,
  first: string,
  second: string,
): Promise<MergeExplained> {
  const reader = readerOf(store);
  const evidence = await evidenceOf(reader, first);
  const between = evidence.filter(
    ({ left, right }) => left.profileId === second || right.profileId === second,
  );
  const because = [
    ...(await saidApart(reader, first, second)),
    ...(await reasonsOf(reader, between)),
  ];
  return {
    answer: 'Two people.',
    because:
      because.length === 0
        ? [{ says: 'no record ever named an identifier of the one together with one of the other' }]
        : because,
    samePerson: false,
    profiles: [first, second],
  };
}

function isRejected({ status }: Evidence): boolean {
  return status === 'possible';
}

async function reasonsOf(reader: Queryable, evidence: readonly Evidence[]): Promise<Reason[]> {
  const manual = evidence.filter(({ trust }) => trust === 'manual');
  const deciders = await readDeciders(
    reader,
    manual.map(({ number }) => number),
  );
  return evidence.map((one) => evidenceReason(one, deciders.get(one.number)));
}

/** What operators said of pairs between the two, but for merges, which are evidence. */
async function saidApart(reader: Queryable, first: string, second: string): Promise<Reason[]> {
  const found = (await decisionsOf(reader, first, mostExplained)).filter(
    ({ kind, left, right }) =>
      kind !== 'merge' && (left.profileId === second || right.profileId === second),
  );
  const deciders = await readDeciders(
    reader,
    found.map(({ number }) => number),
  );
  return found.map(({ kind, left, right, at, number }) => {
    const decider = deciders.get(number);
    const pair = `${identifierWords(left)} and ${identifierWords(right)}`;
    return {
      says:
        kind === 'separate'
          ? `${pair} are never the same`
          : `what was observed of ${pair} up to ${timeWords(at)} does not count`,
      holds: true,
      ...(decider && { because: [{ says: deciderWords(kind, decider) }] }),
    };
  });
}
