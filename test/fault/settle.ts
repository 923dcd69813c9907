// Waits until hub and vendors have come to rest, and tells what is wrong where they do not.
import { waitUntil } from '../support/wait-until.ts';
import { isAtRest, type DestinationReading } from '../support/hub-client.ts';
import { checkBooks, checkMails, checkPushes, userOf, type Complaint } from './check.ts';
import type { Ground } from './ground.ts';
import { desiredLists } from './obligations.ts';

export interface Settling {
  readonly withinMs: number;
}

/** The vendors are well, nobody speaks, the hub runs. */
export async function settle(ground: Ground, { withinMs }: Settling): Promise<Complaint[]> {
  const { hub, mail, sink, journal } = ground;
  const complaints: Complaint[] = [];
  try {
    await waitUntil(async () => (await differences(ground)).length === 0, {
      what: 'hub and vendors to come to rest where the journal says',
      withinMs,
      everyMs: 150,
    });
  } catch (error) {
    const told = await differences(ground).catch((failure: unknown) => [String(failure)]);
    complaints.push(...(told.length > 0 ? told : [String(error)]));
  }
  complaints.push(...checkPushes(journal, mail.journal, sink.received));
  complaints.push(...checkMails(mail.mails()));
  complaints.push(...(await checkBooks(hub)));
  return complaints;
}

async function differences(ground: Ground): Promise<Complaint[]> {
  const { hub, mail, sink, journal, traffic, feed } = ground;
  const wantedMail = desiredLists(journal, traffic.users, 'email_marketing');
  const wantedSink = desiredLists(journal, traffic.users, 'analytics');
  const found = [
    compare('list Readers', mail.members('Readers'), wantedMail.readers),
    compare('list Buyers', mail.members('Buyers'), wantedMail.buyers),
    compare('sink readers', sink.members('readers'), wantedSink.readers),
    compare('sink buyers', sink.members('buyers'), wantedSink.buyers),
    feed.isReadToTheEnd() ? [] : ['the feed is not read to its end'],
  ].flat();
  if (found.length > 0) return found;
  for (const instance of ['mail', 'crm']) {
    const reading = await hub.destination(instance);
    if (reading.state !== 'running')
      found.push(`${instance} is ${reading.state} (${reading.code ?? ''})`);
    else if (!isAtRest(withoutMails(reading)))
      found.push(`${instance} is not at rest: ${JSON.stringify(reading)}`);
  }
  return found;
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
