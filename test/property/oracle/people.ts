// Who is who, naively: all pairs in one list, walked once, people as plain sets of names.
import { namespaces } from '../vocabulary.ts';
import { findDecisions, type Decisions } from './decisions.ts';
import {
  compareNames,
  isDevice,
  isErased,
  namespaceOf,
  priorityOf,
  type Stated,
  type Statement,
} from './statements.ts';

export interface Pair {
  readonly ends: readonly [string, string];
  readonly trust: number;
  readonly probability: number;
  readonly at: number;
}

export interface People {
  /** Anchor → the names of the person; a device without owner is a profile of its own. */
  readonly profiles: ReadonlyMap<string, ReadonlySet<string>>;
  readonly accepted: readonly Pair[];
  /** `end end reason`. */
  readonly rejected: readonly string[];
  /** The person identifier that owns the device at a time; undefined: nobody ever logged in. */
  readonly ownerOf: (device: string, at: number) => string | undefined;
  /** The anchor of the profile that the name belongs to at a time. */
  readonly profileOf: (name: string, at: number) => string | undefined;
}

export function findPeople(stated: Stated): People {
  const firstAt = findNames(stated);
  const decisions = findDecisions(stated);
  const pairs = strongest(findPairs(stated, decisions)).sort(byOrder);
  const persons = [...firstAt.keys()].filter(isPerson);
  const { groups, accepted, rejected } = join(persons, pairs, decisions);
  const logins = findLogins(stated);
  const ownerOf = (device: string, at: number): string | undefined => owner(logins, device, at);
  const profiles = new Map<string, ReadonlySet<string>>();
  for (const group of groups) profiles.set(anchorOf(group, firstAt), group);
  for (const name of firstAt.keys()) {
    if (isDevice(name) && ownerOf(name, 0) === undefined) profiles.set(name, new Set([name]));
  }
  const profileOf = (name: string, at: number): string | undefined => {
    const holder = (isDevice(name) ? ownerOf(name, at) : undefined) ?? name;
    return [...profiles].find(([, members]) => members.has(holder))?.[0];
  };
  return { profiles, accepted, rejected, ownerOf, profileOf };
}

const isPerson = (name: string): boolean => !isDevice(name);

/** Every name that something unerased names, with its first time. */
function findNames(stated: Stated): Map<string, number> {
  const found = new Map<string, number>();
  for (const { names, previous, at } of stated.statements) {
    for (const name of previous === undefined ? names : [...names, previous]) {
      if (isErased(stated, name, at)) continue;
      const first = Math.min(at, found.get(name) ?? Infinity);
      found.set(name, stated.erasedAt.get(name) ?? first);
    }
  }
  return found;
}

/** The subject with each other name; a clique would go around a rejected pair. */
function together(stated: Stated): (Statement & { readonly ends: readonly [string, string] })[] {
  return stated.statements.flatMap((statement) => {
    const { subject, names, previous, at } = statement;
    if (subject === undefined) return [];
    const others = new Set(previous === undefined ? names : [...names, previous]);
    others.delete(subject);
    return [...others]
      .filter((other) => !isErased(stated, subject, at) && !isErased(stated, other, at))
      .map((other) => ({
        ...statement,
        ends: [subject, other].sort(compareNames) as [string, string],
      }));
  });
}

function findPairs(stated: Stated, { merges, isRetracted }: Decisions): Pair[] {
  const observed = together(stated).filter(({ ends }) => ends.every(isPerson));
  const manual = merges.map(({ ends, at }) => ({ ends, at, trust: 0, probability: 1 }));
  return [...observed, ...manual].filter((pair) => !isRetracted(pair));
}

function strongest(pairs: readonly Pair[]): Pair[] {
  const best = new Map<string, Pair>();
  for (const pair of pairs) {
    const known = best.get(pair.ends.join(' '));
    if (known === undefined || byOrder(pair, known) < 0) best.set(pair.ends.join(' '), pair);
  }
  return [...best.values()];
}

function byOrder(left: Pair, right: Pair): number {
  const weaker = ({ ends }: Pair): number => Math.max(...ends.map(priorityOf));
  return (
    left.trust - right.trust ||
    right.probability - left.probability ||
    weaker(left) - weaker(right) ||
    right.at - left.at ||
    compareNames(left.ends[0], right.ends[0]) ||
    compareNames(left.ends[1], right.ends[1])
  );
}

/** Is the pair among the strongest of each end's pairs with the other end's namespace? */
function isKept(pair: Pair, ordered: readonly Pair[]): boolean {
  return pair.ends.every((end, place) => {
    const other = pair.ends[1 - place] ?? '';
    const rivals = ordered.filter(({ ends }) => {
      const [one, two] = ends;
      const across = one === end ? two : two === end ? one : undefined;
      return across !== undefined && namespaceOf(across) === namespaceOf(other);
    });
    return rivals.indexOf(pair) < (spaceOf(end)?.fanOut ?? Infinity);
  });
}

function join(
  names: readonly string[],
  ordered: readonly Pair[],
  { isSeparated }: Decisions,
): Pick<People, 'accepted' | 'rejected'> & { groups: ReadonlySet<string>[] } {
  let groups: ReadonlySet<string>[] = names.map((name) => new Set([name]));
  const accepted: Pair[] = [];
  const crowded: Pair[] = [];
  const apart: Pair[] = [];
  for (const pair of ordered) {
    const union = unionOf(groups, pair);
    if (!isKept(pair, ordered)) crowded.push(pair);
    else if (brokenLimit(union) !== undefined || isSeparated(union)) apart.push(pair);
    else {
      accepted.push(pair);
      groups = [...groups.filter((group) => !pair.ends.some((end) => group.has(end))), union];
    }
  }
  // What stands between two people is told of them as they came out.
  const rejected = [
    ...crowded.map(({ ends }) => `${ends.join(' ')} fan_out`),
    ...apart.map((pair) => {
      return `${pair.ends.join(' ')} ${brokenLimit(unionOf(groups, pair)) ?? 'never_same'}`;
    }),
  ];
  return { groups, accepted, rejected: rejected.sort() };
}

function unionOf(groups: readonly ReadonlySet<string>[], { ends }: Pair): ReadonlySet<string> {
  const both = groups.filter((group) => ends.some((end) => group.has(end)));
  return new Set(both.flatMap((group) => [...group]));
}

function brokenLimit(union: ReadonlySet<string>): string | undefined {
  const broken = namespaces.find(({ name, limit }) => {
    const held = [...union].filter((one) => namespaceOf(one) === name);
    return limit !== undefined && held.length > limit;
  });
  return broken && `limit:${broken.name}`;
}

function spaceOf(name: string): (typeof namespaces)[number] | undefined {
  return namespaces.find((space) => space.name === namespaceOf(name));
}

function anchorOf(group: ReadonlySet<string>, firstAt: ReadonlyMap<string, number>): string {
  const first = (name: string): number => firstAt.get(name) ?? Infinity;
  const [anchor = ''] = [...group].sort(
    (left, right) =>
      first(left) - first(right) ||
      priorityOf(left) - priorityOf(right) ||
      compareNames(left, right),
  );
  return anchor;
}

interface Login {
  readonly device: string;
  readonly person: string;
  readonly at: number;
  readonly trust: number;
}

/** A guess of a model makes a device nobody's. */
function findLogins(stated: Stated): Login[] {
  return together(stated).flatMap(({ ends, at, trust }) => {
    const device = ends.find(isDevice);
    const person = ends.find(isPerson);
    return device === undefined || person === undefined || trust === 5
      ? []
      : [{ device, person, at, trust }];
  });
}

/** The last login at or before, else the first after; of several at once the most trusted. */
function owner(logins: readonly Login[], device: string, at: number): string | undefined {
  const own = logins.filter((login) => login.device === device);
  const before = own.filter((login) => login.at <= at);
  const moment =
    before.length > 0
      ? Math.max(...before.map((login) => login.at))
      : Math.min(...own.map((login) => login.at));
  const [best] = own
    .filter((login) => login.at === moment)
    .sort((left, right) => left.trust - right.trust || compareNames(left.person, right.person));
  return best?.person;
}
