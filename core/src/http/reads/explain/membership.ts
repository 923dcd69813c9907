// Why somebody is in an audience or is not, since when, and when that will change by itself.
import { ruleWords } from '../../../audience/rule-words.ts';
import type { Explanation } from '../../../audience/explain-rule.ts';
import type { MembershipExplained, Reason } from '../../explanations.ts';
import { selectMemberships } from '../plans.ts';
import { readerOf, type Rooms } from '../rooms.ts';
import { timeWords, valueWords } from './words.ts';

export async function explainMembership(
  { store, audiences }: Rooms,
  profileId: string,
  audience: string,
  now: number,
): Promise<MembershipExplained> {
  const reader = readerOf(store);
  const explained = await audiences.explain(reader, audience, profileId, now);
  const rows = await reader.query<{ audience: string; since: number; cause: string }>(
    selectMemberships,
    [profileId],
  );
  const row = rows.find((one) => one.audience === audience);
  const member = explained?.meets ?? false;
  const { since, cause } = (member ? row : undefined) ?? { since: undefined, cause: undefined };
  const next = explained?.nextChangeAt ?? Infinity;
  const nextChangeAt = Number.isFinite(next) ? next : undefined;
  const sinceWords = since === undefined ? '' : ` since ${timeWords(since)}`;
  return {
    answer: `${member ? 'A member' : 'No member'} of ${audience}${sinceWords}.`,
    because: [
      ...(explained ? [reasonOf(explained)] : []),
      ...(cause === undefined ? [] : [{ says: causeWords(cause) }]),
      {
        says:
          nextChangeAt === undefined
            ? 'time alone will not change it'
            : `time alone may change it at ${timeWords(nextChangeAt)}`,
      },
    ],
    member,
    since,
    cause,
    nextChangeAt,
  };
}

function reasonOf({ rule, meets, measured, because }: Explanation): Reason {
  const found = rule.kind === 'measure' ? `; it is ${valueWords(measured)}` : '';
  return {
    says: `${ruleWords(rule)}${found}`,
    holds: meets,
    ...(because.length > 0 && { because: because.map(reasonOf) }),
  };
}

function causeWords(cause: string): string {
  switch (cause) {
    case 'live':
      return 'came in by an event';
    case 'time':
      return 'came in as time passed';
    case 'historical':
      return 'came in by a back-filled event';
    case 'baseline':
      return 'was in when the audience was made or edited';
    default:
      return 'was in when people were made anew from the log';
  }
}
