// Where a trait comes from: a fold over what records said, or a measure over events.
import { measureWords } from '../../../audience/rule-words.ts';
import {
  explainTrait as explainFold,
  type LossReason,
  type TraitCandidate,
} from '../../../profile/explain-trait.ts';
import { mostUndeclared } from '../../../profile/fold-traits.ts';
import type { MergePolicy } from '../../../profile/settings.ts';
import type { Reason, TraitExplained } from '../../explanations.ts';
import { createProfileReads } from '../profile-reads.ts';
import { readerOf, type Rooms } from '../rooms.ts';
import { identifierWords, saidWords, valueWords } from './words.ts';

const policyWords: Readonly<Record<MergePolicy, string>> = {
  latest: 'the newest statement wins',
  oldest: 'the oldest statement wins',
  most_frequent: 'what was said most often wins',
  union: 'all values together',
  max: 'the greatest value wins',
  min: 'the smallest value wins',
  source_priority: 'the first source of config that says anything wins',
};

const lossWords: Readonly<Record<LossReason, string>> = {
  deleted: 'it was deleted later, or is a deletion',
  older: 'it is older',
  newer: 'it is newer',
  weaker_source: 'its source stands further back',
  said_less_often: 'it was said less often',
  smaller: 'it is smaller',
  larger: 'it is larger',
  over_limit: 'the limit of values is reached',
  too_many_names: 'config does not declare it',
};

export async function explainTrait(
  rooms: Rooms,
  profileId: string,
  name: string,
  now: number,
): Promise<TraitExplained> {
  const computed = rooms.config.profile.computed.get(name);
  if (computed) {
    const profile = await createProfileReads(rooms).read(profileId, now);
    const value = profile?.computed[name];
    return {
      answer: `${name} is ${valueWords(value)}, computed.`,
      because: [{ says: `it is the ${measureWords(computed.measure)}` }],
      value,
      source: undefined,
      at: undefined,
      record: undefined,
    };
  }
  return explainFolded(rooms, profileId, name);
}

async function explainFolded(
  { store, settings }: Rooms,
  profileId: string,
  name: string,
): Promise<TraitExplained> {
  const { policy, won, candidates, isLeftOut } = await explainFold(
    readerOf(store),
    profileId,
    name,
    settings.profile,
  );
  const answer = won
    ? `${name} is ${valueWords(won.value)}.`
    : isLeftOut
      ? `${name} has no value: of traits that config does not declare a person keeps ${mostUndeclared}, the first by name. Declare it under \`traits\` to keep it.`
      : candidates.length === 0
        ? `${name} has no value: nobody said one.`
        : `${name} has no value: it was deleted.`;
  return {
    answer,
    because: [
      { says: `merged by \`${policy}\`: ${policyWords[policy]}` },
      ...candidates.map(reasonOf),
    ],
    value: won?.value,
    source: won?.from.s,
    at: won?.from.t,
    record: won?.from.n,
  };
}

function reasonOf({ value, from, count, subject, lostBecause }: TraitCandidate): Reason {
  const said = saidWords({ source: from.s, at: from.t, number: from.n });
  const times = count > 1 ? `, ${count} times` : '';
  return {
    says: `${value === null ? 'a deletion' : valueWords(value)} of ${identifierWords(subject)}, ${said}${times}`,
    holds: lostBecause === undefined,
    ...(lostBecause !== undefined && { because: [{ says: lossWords[lostBecause] }] }),
  };
}
