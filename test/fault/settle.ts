// Waits until hub and vendors have come to rest, and tells what is wrong where they do not. What must be
// so at every moment is looked at all the while; what is only wrong for now has to stay wrong while the
// hub has nothing left to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { isAtRest, type DestinationReading } from '../support/hub-client.ts';
import { checkBooks, checkMails, checkPushes, userOf, type Complaint } from './check.ts';
import type { Ground } from './ground.ts';
import { desiredLists, type Lists } from './obligations.ts';

/** Longer than a clock that was moved stands still. */
const withinMs = 180_000;
/** The hub has been at rest for so long: what is wrong by then stays so. */
const restMs = 8_000;
const everyMs = 300;

interface Look {
  /** What is so at every moment, and is not. */
  readonly broken: readonly Complaint[];
  /** What is not as the journal says. */
  readonly wrong: readonly Complaint[];
  /** What the hub still has to do. */
  readonly open: readonly string[];
}

/** The vendors are well, nobody speaks, the hub runs. */
export async function settle(ground: Ground): Promise<Complaint[]> {
  const { mail, sink, journal } = ground;
  const complaints = await untilAtRest(ground);
  return [...complaints, ...checkPushes(journal, mail.journal, sink.received)];
}

async function untilAtRest(ground: Ground): Promise<Complaint[]> {
  const wanted = wantedOf(ground);
  const end = performance.now() + withinMs;
  let restsSince: number | undefined;
  let seen = '';
  for (;;) {
    const { broken, wrong, open } = await look(ground, wanted).catch(unanswered);
    if (broken.length > 0) return [...broken];
    const now = performance.now();
    if (wrong.length === 0 && open.length === 0) return [];
    const words = wrong.join('\n');
    if (open.length > 0 || words !== seen) restsSince = now;
    seen = words;
    if (now - (restsSince ?? now) > restMs) return [...wrong];
    if (now > end) return [...wrong, ...open, restless(ground)];
    await sleep(everyMs);
  }
}

function unanswered(error: unknown): Look {
  return { broken: [], wrong: [], open: [`the hub does not answer: ${String(error)}`] };
}

function restless({ hub }: Ground): Complaint {
  return `hub and vendors found no rest in ${withinMs} ms; the hub said: ${hub.output().slice(-3_000)}`;
}

interface Wanted {
  readonly mail: Lists;
  readonly sink: Lists;
}

/** Nobody speaks any more: it stays so. */
function wantedOf({ journal, traffic }: Ground): Wanted {
  return {
    mail: desiredLists(journal, traffic.users, 'email_marketing'),
    sink: desiredLists(journal, traffic.users, 'analytics'),
  };
}

async function look(ground: Ground, wanted: Wanted): Promise<Look> {
  const { hub, mail, sink, feed } = ground;
  const open = [
    ...(feed.isReadToTheEnd() ? [] : ['the feed is not read to its end']),
    ...((await hub.metric('tributary_resolve_lag_events')) === 0 ? [] : ['events wait']),
    ...((await hub.sizeOf('fresh')) === 0 ? [] : ['somebody bought just now']),
    // A size is exact before the timer has come: what is stored is what a rebuild is held to.
    ...((await hub.metric('tributary_audience_timer_lag_seconds')) === 0 ? [] : ['time waits']),
  ];
  const wrong = [
    ...compare('list Readers', mail.members('Readers'), wanted.mail.readers),
    ...compare('list Buyers', mail.members('Buyers'), wanted.mail.buyers),
    ...compare('sink readers', sink.members('readers'), wanted.sink.readers),
    ...compare('sink buyers', sink.members('buyers'), wanted.sink.buyers),
    // Nobody bought anything just now: time has taken them out.
    ...compare('sink fresh', sink.members('fresh'), []),
  ];
  for (const instance of ['mail', 'crm']) {
    const reading = await hub.destination(instance);
    if (reading.state !== 'running')
      wrong.push(`${instance} is ${reading.state} (${reading.code ?? ''})`);
    else if (!isAtRest(withoutMails(reading)))
      open.push(`${instance} is not at rest: ${JSON.stringify(reading)}`);
    if (instance === 'mail') wrong.push(...checkMailBook(reading, mail.mails().length));
  }
  const broken = [...checkMails(mail.mails()), ...(await checkBooks(hub))];
  return { broken, wrong, open };
}

/** What is told as delivered is at the vendor; what is there was told so, or is in doubt. */
function checkMailBook({ books }: DestinationReading, taken: number): Complaint[] {
  const book = books.find(({ kind }) => kind === 'action');
  const delivered = book?.delivered ?? 0;
  const inDoubt = book?.inDoubt ?? 0;
  if (delivered <= taken && taken <= delivered + inDoubt) return [];
  return [
    `${taken} mails were taken, ${delivered} are told as delivered and ${inDoubt} are in doubt`,
  ];
}

/** A mail in doubt stays in doubt: that is its end. */
function withoutMails(reading: DestinationReading): DestinationReading {
  const books = reading.books.map((book) =>
    book.kind === 'action' ? { ...book, inDoubt: 0 } : book,
  );
  return { ...reading, books };
}

function compare(what: string, found: readonly string[], wanted: readonly string[]): Complaint[] {
  const users = new Set(found.map(userOf));
  const missing = wanted.filter((userId) => !users.has(userId));
  const extra = [...users].filter((userId) => !wanted.includes(userId));
  if (missing.length + extra.length === 0) return [];
  return [
    `${what}: missing ${missing.join(', ') || 'nobody'}; too many ${extra.join(', ') || 'nobody'}`,
  ];
}
