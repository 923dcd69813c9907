// What the receiver of events is owed, and what is said when it has not come.
import { expect, test } from 'vitest';
import { checkForwarded } from './check.ts';
import { createJournal, type Journal } from './journal.ts';
import { createSpeaker, type Message } from './messages.ts';
import type { StoreReading } from './read-store.ts';
import type { Received } from './sink.ts';

const speaker = createSpeaker(() => 1_000_000);

/** As people join: who she is first, then what she agrees to, both in one request. */
function join(userId: string): Message[] {
  return [speaker.identify(userId, {}), speaker.consent(userId, 'granted')];
}

function journalOf(messages: readonly Message[]): Journal {
  const journal = createJournal();
  journal.send(messages, 1_000_000);
  return journal;
}

function hashOf({ messageId }: Message): string {
  return `hash of ${messageId}`;
}

function logOf(messages: readonly Message[]): Pick<StoreReading, 'events'> {
  const events = messages.map((message, place) => {
    return { number: place + 1, messageId: message.messageId, hash: hashOf(message) };
  });
  return { events };
}

function taken(message: Message, id = message.messageId): Received {
  const { type, userId } = message;
  return { id, type, key: `user_id:${userId}`, list: undefined, messageId: hashOf(message), at: 0 };
}

function check(said: readonly Message[], received: readonly Received[]): string[] {
  const users = [...new Set(said.map(({ userId }) => userId))];
  return checkForwarded(journalOf(said), users, logOf(said), received);
}

test('an event of somebody who agreed is missed', () => {
  const joined = join('u1');
  const [seen, missed] = [speaker.track('u1', 'Page Seen'), speaker.track('u1', 'Page Seen')];
  const said = [...joined, seen, missed];
  expect(check(said, [taken(seen)])).toEqual([
    `never forwarded: Page Seen of u1 (${missed.messageId})`,
  ]);
  expect(check(said, [taken(seen), taken(missed), taken(missed)])).toEqual([]);
});

test.each<[string, () => Message[]]>([
  ['never agreed', () => [speaker.identify('u1', {}), speaker.track('u1', 'Page Seen')]],
  ['agreed after it', () => [speaker.track('u1', 'Page Seen'), ...join('u1')]],
  [
    'took it back',
    () => [...join('u1'), speaker.track('u1', 'Page Seen'), speaker.consent('u1', 'withdrawn')],
  ],
])('an event of somebody who %s is owed to nobody', (_who, say) => {
  expect(check(say(), [])).toEqual([]);
});

test('an event that the hub does not have is lost, and not missed here', () => {
  const said = [...join('u1'), speaker.track('u1', 'Page Seen')];
  expect(checkForwarded(journalOf(said), ['u1'], { events: [] }, [])).toEqual([]);
});

test('one event under two ids is two events to whoever receives it', () => {
  const joined = join('u1');
  const event = speaker.track('u1', 'Page Seen');
  const twice = [taken(event, 'a'), taken(event, 'b')];
  expect(check([...joined, event], twice)).toEqual([`under two ids: ${event.messageId}`]);
});

test('what was never said is not to be told', () => {
  const event = speaker.track('u1', 'Page Seen');
  expect(checkForwarded(journalOf([]), [], { events: [] }, [taken(event)])).toEqual([
    `forwarded and not in the log: ${hashOf(event)}`,
  ]);
});
