// Holds the hub to the journal. Each check tells what it found wrong in words; no words, nothing wrong.
import { isBalanced, type HubClient } from '../support/hub-client.ts';
import type { JournalEntry } from '../fakes/sendgrid/journal.ts';
import { pushesOf } from '../e2e/delivery/journal.ts';
import type { Journal } from './journal.ts';
import { couldBeReached, owedEvents, standingOf } from './obligations.ts';
import type { StoreReading } from './read-store.ts';
import type { Received } from './sink.ts';

export type Complaint = string;

/** Who is meant by `email:u1@example.com`, `u1@example.com` or `user_id:u1`. */
export function userOf(key: string): string {
  return key.replace(/^\w+:/, '').replace(/@.*$/, '');
}

export function checkPushes(
  journal: Journal,
  vendor: readonly JournalEntry[],
  received: readonly Received[],
): Complaint[] {
  const mails = pushesOf(vendor)
    .filter(({ key, at }) => !couldBeReached(journal, userOf(key), 'email_marketing', at))
    .map(
      ({ key, action, number }) => `${action} of ${key} (request ${number}) without a live grant`,
    );
  const messages = pushesToSink(received)
    .filter(({ key, at }) => !couldBeReached(journal, userOf(key), 'analytics', at))
    .map(({ key, type }) => `${type} of ${key} at the sink without a live grant`);
  return [...mails, ...messages];
}

/** What puts somebody somewhere or tells of her: taking her off and erasing her are none. */
export function pushesToSink(received: readonly Received[]): Received[] {
  return received.filter(({ type }) => type !== 'audience.left' && type !== 'profile.erased');
}

export interface TakenMail {
  readonly to: string;
  readonly templateId: string | null;
  readonly customArgs: Readonly<Record<string, unknown>>;
}

/**
 * A mail reaches the vendor once per action, address and episode, whatever happens: nobody leaves the
 * buyers, so that is once per address. What is in doubt is not repeated either.
 */
export function checkMails(mails: readonly TakenMail[]): Complaint[] {
  const byAction = Map.groupBy(mails, ({ customArgs }) => String(customArgs['tributary_action']));
  const byAddress = Map.groupBy(mails, ({ to, templateId }) => `${to} from ${templateId}`);
  return [...byAction, ...byAddress]
    .filter(([, all]) => all.length > 1)
    .map(([what, all]) => `${all.length} mails to ${all[0]?.to} (${what}), expected one`);
}

export async function checkBooks(hub: HubClient): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const instance of ['mail', 'crm']) {
    const { books, openDeadLetters } = await hub.destination(instance);
    if (openDeadLetters > 0) complaints.push(`${openDeadLetters} dead letters of ${instance}`);
    for (const book of books) {
      if (!isBalanced(book))
        complaints.push(`a book of ${instance} does not balance: ${JSON.stringify(book)}`);
    }
  }
  return complaints;
}

/** Every acknowledged event once, none that was never said, numbers without a gap. */
export function checkLog(journal: Journal, { events, quarantined }: StoreReading): Complaint[] {
  const complaints: Complaint[] = [];
  const counts = new Map<string, number>();
  for (const { messageId } of events) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  for (const [id, { acknowledgedAt, message }] of journal.said) {
    const count = counts.get(id) ?? 0;
    const what = `${message.type} ${message.event ?? ''} of ${message.userId} (${id})`;
    if (acknowledgedAt !== undefined && count === 0) complaints.push(`lost: ${what}`);
    if (count > 1) complaints.push(`${count} times in the log: ${what}`);
  }
  for (const id of counts.keys()) {
    if (!journal.said.has(id)) complaints.push(`invented: ${id}`);
  }
  const gap = events.findIndex(({ number }, place) => number !== place + 1);
  if (gap >= 0) complaints.push(`the log has a gap before number ${events[gap]?.number}`);
  complaints.push(...quarantined.map((reason) => `a record in quarantine: ${reason}`));
  return complaints;
}

export function checkAudit({ audit }: StoreReading): Complaint[] {
  return audit.intact ? [] : [`the audit log: ${audit.fault.code} ${audit.fault.message}`];
}

/** What is counted of each person is what was logged of her, once each. */
export function checkCounts(
  journal: Journal,
  users: readonly string[],
  { events, counts }: StoreReading,
): Complaint[] {
  const logged = new Set(events.map(({ messageId }) => messageId));
  return users.flatMap((userId) => {
    const { orders, visits } = standingOf(journal, userId, ({ message }) =>
      logged.has(message.messageId),
    );
    const found = counts.get(userId) ?? { orders: 0, visits: 0 };
    if (found.orders === orders && found.visits === visits) return [];
    return [
      `${userId}: ${found.orders} orders and ${found.visits} visits are counted, ${orders} and ${visits} are logged`,
    ];
  });
}

/**
 * What was said by people who had agreed and never took it back is all at the sink, under one id each: by
 * the id alone a receiver knows what she has had before.
 */
export function checkForwarded(
  journal: Journal,
  users: readonly string[],
  { events }: Pick<StoreReading, 'events'>,
  received: readonly Received[],
): Complaint[] {
  const logged = new Map(events.map(({ hash, messageId }) => [hash, messageId]));
  const ids = new Map<string, string>();
  const complaints: Complaint[] = [];
  for (const { messageId: hash, id } of received) {
    if (hash === undefined) continue;
    const messageId = logged.get(hash);
    if (messageId === undefined) complaints.push(`forwarded and not in the log: ${hash}`);
    else if ((ids.get(messageId) ?? id) !== id) complaints.push(`under two ids: ${messageId}`);
    else ids.set(messageId, id);
  }
  const inLog = new Set(logged.values());
  const missing = owedEvents(journal, users)
    .filter(({ message: { messageId } }) => inLog.has(messageId) && !ids.has(messageId))
    .map(({ message }) => {
      return `never forwarded: ${message.event} of ${message.userId} (${message.messageId})`;
    });
  return [...complaints, ...missing];
}

/** What a rebuild made again is what was there. */
export function checkRebuilt(
  before: Pick<StoreReading, 'state'>,
  after: Pick<StoreReading, 'state'>,
): Complaint[] {
  return [...before.state].flatMap(([name, { digest, rows }]) => {
    const now = after.state.get(name);
    if (now?.digest === digest) return [];
    const gone = rows.filter((row) => !now?.rows.includes(row));
    const come = now?.rows.filter((row) => !rows.includes(row)) ?? [];
    return [
      `rebuilt ${name} differ: ${gone.length} gone, ${come.length} new, e.g. ${gone[0] ?? ''} → ${come[0] ?? ''}`,
    ];
  });
}
