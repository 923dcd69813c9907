// Who is in which audience at a moment, naively: every rule for every person, from all that happened.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import type { Audience, Computed, Rule } from '../rules.ts';
import { findContacts } from './contacts.ts';
import { meetsTaken, meetsValue, shown, takeMeasure, type Happening } from './measures.ts';
import type { People } from './people.ts';
import { everyDevice, isErased, namespaceOf, type Stated } from './statements.ts';

/** What rules see of one person. */
export interface Person {
  readonly anchor: string;
  readonly traits: JsonObject;
  readonly namespaces: ReadonlySet<string>;
  readonly happenings: readonly Happening[];
}

export function describePerson(
  stated: Stated,
  people: People,
  anchor: string,
  traits: JsonObject,
): Person {
  const devices = everyDevice(stated).filter((name) => people.profileOf(name, Infinity) === anchor);
  const contacts = findContacts(stated, people).filter((held) => held.anchor === anchor);
  const held = [
    ...(people.profiles.get(anchor) ?? []),
    ...devices,
    ...contacts.map(({ contact }) => contact),
  ];
  return {
    anchor,
    traits,
    namespaces: new Set(held.map(namespaceOf)),
    happenings: findHappenings(stated, people, anchor),
  };
}

function findHappenings(stated: Stated, people: People, anchor: string): Happening[] {
  return stated.statements.flatMap(({ record, subject, at, tie }) => {
    if ((record.kind !== 'track' && record.kind !== 'page') || subject === undefined) return [];
    if (isErased(stated, subject, at) || people.profileOf(subject, at) !== anchor) return [];
    const { kind: type, event: name, properties } = record;
    return [{ type, name, at, tie, properties }];
  });
}

export function measureTraits(
  computed: readonly Computed[],
  { happenings }: Person,
  now: number,
): JsonObject {
  const values: Record<string, JsonValue> = {};
  for (const { name, measure } of computed) {
    const value = shown(takeMeasure(measure, happenings, now));
    if (value !== undefined) values[name] = value;
  }
  return values;
}

export function isMember(
  name: string,
  audiences: readonly Audience[],
  person: Person,
  now: number,
): boolean {
  const meets = (rule: Rule): boolean => {
    switch (rule.kind) {
      case 'all':
        return rule.rules.every(meets);
      case 'any':
        return rule.rules.some(meets);
      case 'not':
        return !meets(rule.rule);
      case 'audience':
        return isMember(rule.name, audiences, person, now);
      case 'identifier':
        return person.namespaces.has(rule.namespace);
      case 'trait':
        return meetsValue(rule.comparison, person.traits[rule.path[0] ?? ''], now);
      case 'measure':
        return meetsTaken(rule.comparison, takeMeasure(rule.measure, person.happenings, now), now);
    }
  };
  return audiences.some((audience) => audience.name === name && meets(audience.rule));
}
