// The journal of obligations, kept outside the hub: what was said to it and when, what it acknowledged
// and when. Everything that the hub must be is worked out from here.
import type { Message } from './messages.ts';

export interface Said {
  readonly message: Message;
  /** Milliseconds since 1970, when its first byte could have reached the hub. */
  readonly sentAt: number;
  /** When its sender had the answer; undefined: never. */
  acknowledgedAt?: number;
}

export interface Journal {
  /** By message id. */
  readonly said: ReadonlyMap<string, Said>;
  send(messages: readonly Message[], at: number): void;
  acknowledge(ids: Iterable<string>, at: number): void;
  /** Of everything that was said of a person, in the order of its own times. */
  of(userId: string): readonly Said[];
  acknowledged(): number;
}

export function createJournal(): Journal {
  const said = new Map<string, Said>();
  const byPerson = new Map<string, Said[]>();
  let acknowledged = 0;
  return {
    said,
    send(messages, at) {
      for (const message of messages) {
        if (said.has(message.messageId)) continue;
        const entry = { message, sentAt: at };
        said.set(message.messageId, entry);
        const own = byPerson.get(message.userId) ?? [];
        own.push(entry);
        byPerson.set(message.userId, own);
      }
    },
    acknowledge(ids, at) {
      for (const id of ids) {
        const entry = said.get(id);
        if (entry === undefined || entry.acknowledgedAt !== undefined) continue;
        entry.acknowledgedAt = at;
        acknowledged += 1;
      }
    },
    of: (userId) =>
      (byPerson.get(userId) ?? []).toSorted((one, other) => timeOf(one) - timeOf(other)),
    acknowledged: () => acknowledged,
  };
}

export function timeOf({ message }: Said): number {
  return Date.parse(message.timestamp);
}
