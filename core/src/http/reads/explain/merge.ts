// Why two identifiers are one person, or are not: the path of evidence between them, and the pairs that
// would join them had nothing rejected them.
import type { Identifier } from '@tributary/sdk';
import { evidenceOf, mergePath, type Evidence } from '../../../identity/explain.ts';
import { findByIdentifier, type Finding } from '../../../identity/find.ts';
import { standardIdentifier } from '../../../standardise/identifiers.ts';
import type { MergeExplained, Reason } from '../../explanations.ts';
import { readerOf, type Rooms } from '../rooms.ts';
import { identifierWords, saidWords } from './words.ts';

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
      ...(path ?? []).map(reasonOf),
      ...(path?.length === 0 ? [{ says: 'it is the same identifier', holds: true }] : []),
      ...(rejected.length === 0
        ? []
        : [
            {
              says: 'what might join her with others, but does not',
              because: rejected.map(reasonOf),
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
  const evidence = await evidenceOf(readerOf(store), first);
  const between = evidence.filter(
    ({ left, right }) => left.profileId === second || right.profileId === second,
  );
  return {
    answer: 'Two people.',
    because:
      between.length === 0
        ? [{ says: 'no record ever named an identifier of the one together with one of the other' }]
        : between.map(reasonOf),
    samePerson: false,
    profiles: [first, second],
  };
}

function isRejected({ status }: Evidence): boolean {
  return status === 'possible';
}

function reasonOf(evidence: Evidence): Reason {
  const { left, right, trust, probability, rejectedBy, kind } = evidence;
  const sure = trust === 'inferred' ? ` (${Math.round(probability * 100)} %)` : '';
  const verb = kind === 'login' ? 'was used by' : 'is';
  return {
    says: `${identifierWords(left)} ${verb} ${identifierWords(right)}: ${trust}${sure}, ${saidWords(evidence)}`,
    holds: rejectedBy === undefined,
    ...(rejectedBy !== undefined && { because: [{ says: rejectionWords(rejectedBy) }] }),
  };
}

function rejectionWords(rejectedBy: string): string {
  const [word, namespace] = rejectedBy.split(':');
  switch (word) {
    case 'limit':
      return `rejected: a person has at most so many ${String(namespace)} as config says, and stronger evidence fills them`;
    case 'never_same':
      return 'rejected: an operator said that they are never the same';
    case 'fan_out':
      return 'rejected: the identifier names more others than config believes';
    case 'device':
      return 'rejected: devices join nobody; this one was used by several people';
    default:
      return `rejected: ${rejectedBy}`;
  }
}
