// What makes a world hard, counted: a generator that no longer makes such worlds would let every
// property pass and show nothing.
import { askable, decide, findEntries, type Entry, type Question } from './oracle/consents.ts';
import { findPeople, type People } from './oracle/people.ts';
import { everyDevice, readStatements, type Stated, type TieOf } from './oracle/statements.ts';
import { momentsOf } from './oracle.ts';
import { channels, purposes } from './vocabulary.ts';
import type { World } from './world.ts';

export const features = [
  'rejected pair',
  'merge that changes a decision',
  'tie in time',
  'late event',
  'expiry that changes a decision',
  'shared device',
  'decision of an operator that changes who is who',
] as const;
export type Feature = (typeof features)[number];

export function findFeatures(world: World, tieOf: TieOf): ReadonlySet<Feature> {
  const stated = readStatements(world, tieOf);
  const people = findPeople(stated);
  const entries = findEntries(stated);
  const found: Record<Feature, boolean> = {
    'rejected pair': people.rejected.length > 0,
    'merge that changes a decision': someDecision(world, stated, people, (question, now) => {
      const own = entries.filter(({ name }) => name === question.name);
      const alone = decide(own, people, question, now).granted;
      return (
        question.name !== undefined && alone !== decide(entries, people, question, now).granted
      );
    }),
    'tie in time': hasTie(stated),
    'late event': hasLate(world, stated),
    'expiry that changes a decision': someDecision(world, stated, people, (question, now) => {
      const lasting = decide(entries.map(withoutEnd), people, question, now).granted;
      return lasting !== decide(entries, people, question, now).granted;
    }),
    'decision of an operator that changes who is who': changesPeople(stated, people),
    'shared device': everyDevice(stated).some(
      (device) => new Set(momentsOf(world).map((at) => people.profileOf(device, at))).size > 1,
    ),
  };
  return new Set(features.filter((feature) => found[feature]));
}

function someDecision(
  world: World,
  stated: Stated,
  people: People,
  test: (question: Question, now: number) => boolean,
): boolean {
  return world.looks.some((now) =>
    askable(stated, people, now).some((asked) =>
      purposes.some((purpose) =>
        channels.some((channel) => test({ ...asked, purpose, channel }, now)),
      ),
    ),
  );
}

/** Of those whom sources name, are others together because of it? */
function changesPeople(stated: Stated, { profiles }: People): boolean {
  const observed = stated.statements.filter(({ record }) => record.kind !== 'decision');
  const without = findPeople({ ...stated, statements: observed }).profiles;
  const known = new Set([...without.values()].flatMap((names) => [...names]));
  const groupsOf = (people: People['profiles']): string =>
    [...people.values()]
      .map((names) => [...names].filter((name) => known.has(name)).sort())
      .map((names) => names.join())
      .filter((names) => names !== '')
      .sort()
      .join(' ');
  return groupsOf(profiles) !== groupsOf(without);
}

function withoutEnd(entry: Entry): Entry {
  return { ...entry, change: { ...entry.change, expiresAt: undefined } };
}

/** Two records at the same time about the same identifier. */
function hasTie({ statements }: Stated): boolean {
  return statements.some((one, place) =>
    statements
      .slice(place + 1)
      .some((other) => other.at === one.at && other.names.some((name) => one.names.includes(name))),
  );
}

/** One that is received after another of the same identifier, and happened before it. */
function hasLate(world: World, { statements }: Stated): boolean {
  return statements.some((one) =>
    statements.some(
      (other) =>
        other.record.receivedAt < one.record.receivedAt &&
        other.at > one.at &&
        other.names.some((name) => one.names.includes(name)),
    ),
  );
}

export interface FeatureCount {
  /** Counts what a world has. */
  note(world: World): void;
  /** Feature → share of the worlds noted. */
  shares(): Readonly<Record<Feature, number>>;
}

export function countFeatures(tieOf: TieOf): FeatureCount {
  const counts = new Map<Feature, number>();
  let noted = 0;
  return {
    note(world) {
      noted += 1;
      for (const feature of findFeatures(world, tieOf)) {
        counts.set(feature, (counts.get(feature) ?? 0) + 1);
      }
    },
    shares() {
      const share = (feature: Feature): number => (counts.get(feature) ?? 0) / Math.max(1, noted);
      return {
        'rejected pair': share('rejected pair'),
        'merge that changes a decision': share('merge that changes a decision'),
        'tie in time': share('tie in time'),
        'late event': share('late event'),
        'expiry that changes a decision': share('expiry that changes a decision'),
        'shared device': share('shared device'),
        'decision of an operator that changes who is who': share(
          'decision of an operator that changes who is who',
        ),
      };
    },
  };
}
