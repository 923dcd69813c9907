// The answer, computed the plain way: everything at once, nothing kept, nothing skipped, as slow as it
// likes. It shares no code with the hub, only the words in which a world is written.
import type { JsonObject } from '@tributary/sdk';
import { describePerson, isMember, measureTraits } from './oracle/audiences.ts';
import { askable, decide, findEntries } from './oracle/consents.ts';
import { findPeople } from './oracle/people.ts';
import { everyDevice, readStatements, type TieOf } from './oracle/statements.ts';
import { foldTraits } from './oracle/traits.ts';
import { channels, purposes } from './vocabulary.ts';
import type { World } from './world.ts';

/** What somebody can know of a hub; free of ids, log numbers and all else that arrival decides. */
export interface Outcome {
  /** Anchor → its identifiers. */
  readonly people: Readonly<Record<string, readonly string[]>>;
  /** Pairs that join nobody, with the reason. */
  readonly rejected: readonly string[];
  /** `device time` → anchor. */
  readonly owners: Readonly<Record<string, string>>;
  /** Anchor → folded traits. */
  readonly traits: Readonly<Record<string, JsonObject>>;
  readonly looks: readonly Look[];
}

/** What depends on the moment. */
export interface Look {
  readonly at: number;
  readonly computed: Readonly<Record<string, JsonObject>>;
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** `anchor|name|purpose|channel` → `granted` or `refused`, until when. */
  readonly decisions: Readonly<Record<string, string>>;
}

/** The moments at which devices are asked for their owners: each event, and just before it. */
export function momentsOf(world: World): number[] {
  const times = world.records.map(({ timestamp, receivedAt }) =>
    Math.min(timestamp ?? receivedAt, receivedAt),
  );
  return [...new Set(times.flatMap((at) => [at - 1, at]))];
}

export function foretell(world: World, tieOf: TieOf): Outcome {
  const stated = readStatements(world, tieOf);
  const people = findPeople(stated);
  const anchors = [...people.profiles.keys()];
  const traits = Object.fromEntries(
    anchors.map((anchor) => [anchor, foldTraits(stated, people, anchor)]),
  );
  const persons = anchors.map((anchor) =>
    describePerson(stated, people, anchor, traits[anchor] ?? {}),
  );
  const entries = findEntries(stated);
  const look = (at: number): Look => ({
    at,
    computed: Object.fromEntries(
      persons.map((person) => [person.anchor, measureTraits(world.computed, person, at)]),
    ),
    members: Object.fromEntries(
      world.audiences.map(({ name }) => [
        name,
        persons
          .filter((person) => isMember(name, world.audiences, person, at))
          .map(({ anchor }) => anchor)
          .sort(),
      ]),
    ),
    decisions: Object.fromEntries(
      askable(stated, people, at).flatMap((asked) =>
        purposes.flatMap((purpose) =>
          channels.map((channel) => {
            const key = [asked.anchor, asked.name ?? '', purpose, channel].join('|');
            const { granted, until } = decide(entries, people, { ...asked, purpose, channel }, at);
            return [key, `${granted ? 'granted' : 'refused'} ${until}`];
          }),
        ),
      ),
    ),
  });
  return {
    people: Object.fromEntries(
      [...people.profiles].map(([anchor, members]) => [anchor, [...members].sort()]),
    ),
    rejected: people.rejected,
    owners: Object.fromEntries(
      everyDevice(stated).flatMap((device) =>
        momentsOf(world).flatMap((at) => {
          const anchor = people.profileOf(device, at);
          return anchor === undefined ? [] : [[`${device} ${at}`, anchor]];
        }),
      ),
    ),
    traits,
    looks: world.looks.map(look),
  };
}
