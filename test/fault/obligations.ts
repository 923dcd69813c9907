// What must be so, worked out from the journal alone and in the plainest way: who is on which list, what
// is counted of whom, and who could be reached at a moment.
import { timeOf, type Journal, type Said } from './journal.ts';
import { orderEvent, type Purpose } from './messages.ts';

export interface Standing {
  readonly reads: boolean;
  readonly orders: number;
  readonly visits: number;
  readonly granted: ReadonlySet<Purpose>;
}

/** @param counts false: a message that never reached the hub. */
export function standingOf(
  journal: Journal,
  userId: string,
  counts: (said: Said) => boolean = () => true,
): Standing {
  let reads = false;
  let orders = 0;
  let visits = 0;
  const granted = new Set<Purpose>();
  for (const said of journal.of(userId)) {
    const { message } = said;
    if (!counts(said)) continue;
    const newsletter = message.traits?.['newsletter'];
    if (typeof newsletter === 'boolean') reads = newsletter;
    if (message.event === orderEvent) orders += 1;
    if (message.event === 'Page Seen') visits += 1;
    for (const { purpose, status } of message.consents ?? []) {
      if (status === 'granted') granted.add(purpose);
      else granted.delete(purpose);
    }
  }
  return { reads, orders, visits, granted };
}

export interface Lists {
  readonly readers: readonly string[];
  readonly buyers: readonly string[];
}

/** User ids on each list of a vendor that acts for a purpose. */
export function desiredLists(journal: Journal, users: readonly string[], purpose: Purpose): Lists {
  const standings = users.map((userId) => ({ userId, standing: standingOf(journal, userId) }));
  const reachable = standings.filter(({ standing }) => standing.granted.has(purpose));
  const idsOf = (isMember: (standing: Standing) => boolean): string[] =>
    reachable
      .filter(({ standing }) => isMember(standing))
      .map(({ userId }) => userId)
      .toSorted();
  return { readers: idsOf(({ reads }) => reads), buyers: idsOf(({ orders }) => orders > 0) };
}

/** False only when every grant that could have been known was taken back, and that acknowledged, before. */
export function couldBeReached(
  journal: Journal,
  userId: string,
  purpose: Purpose,
  at: number,
): boolean {
  const own = journal.of(userId);
  const says = (said: Said, status: string): boolean =>
    said.message.consents?.some((one) => one.purpose === purpose && one.status === status) ?? false;
  const withdrawals = own.filter(
    (said) => says(said, 'withdrawn') && (said.acknowledgedAt ?? Infinity) < at,
  );
  return own.some(
    (grant) =>
      says(grant, 'granted') &&
      grant.sentAt <= at &&
      !withdrawals.some((withdrawal) => timeOf(withdrawal) > timeOf(grant)),
  );
}

/**
 * Events that whoever measures must be told of: said after she had agreed to it, by somebody who never
 * took it back.
 */
export function owedEvents(journal: Journal, users: readonly string[]): Said[] {
  return users.flatMap((userId) => {
    const own = journal.of(userId);
    const answers = own.map(({ message }) => {
      return message.consents?.find(({ purpose }) => purpose === 'analytics')?.status;
    });
    const agreed = answers.indexOf('granted');
    if (agreed < 0 || answers.includes('withdrawn')) return [];
    return own.slice(agreed).filter(({ message }) => message.type === 'track');
  });
}
