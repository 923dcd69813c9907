// What each record of a world states, read naively: when it happened, whom it names, how much it is
// worth, and what erasures leave of it.
import { namespaces, sharedName, sources, trustOrder } from '../vocabulary.ts';
import type { World, WorldRecord } from '../world.ts';

export interface Statement {
  readonly record: WorldRecord;
  readonly at: number;
  /** Breaks ties of time. */
  readonly tie: string;
  /** Persons and devices, the strongest first. */
  readonly names: readonly string[];
  /** Shared addresses. */
  readonly contacts: readonly string[];
  readonly subject: string | undefined;
  readonly previous: string | undefined;
  /** 0 manual … 5 inferred. */
  readonly trust: number;
  readonly probability: number;
}

export interface Stated {
  /** Without deletes. */
  readonly statements: readonly Statement[];
  /** Name → up to when it is erased. */
  readonly erasedAt: ReadonlyMap<string, number>;
}

export type TieOf = (source: string, messageId: string) => string;

export function readStatements(world: World, tieOf: TieOf): Stated {
  const all = world.records.map((record) => read(record, tieOf));
  const erasedAt = new Map<string, number>();
  for (const { record, at, names, contacts } of all) {
    if (record.kind !== 'delete') continue;
    for (const name of [...names, ...contacts]) {
      erasedAt.set(name, Math.max(at, erasedAt.get(name) ?? -Infinity));
    }
  }
  return { statements: all.filter(({ record }) => record.kind !== 'delete'), erasedAt };
}

/** Is what was said of this name at this time forgotten? */
export function isErased({ erasedAt }: Stated, name: string, at: number): boolean {
  return at <= (erasedAt.get(name) ?? -Infinity);
}

export function namespaceOf(name: string): string {
  return name.slice(0, name.indexOf(':'));
}

export function priorityOf(name: string): number {
  return namespaces.findIndex((space) => space.name === namespaceOf(name));
}

export function isDevice(name: string): boolean {
  return namespaces.some((space) => space.name === namespaceOf(name) && space.kind === 'device');
}

export function everyDevice({ statements }: Stated): string[] {
  const named = statements.flatMap(({ names, previous }) => [...names, previous ?? '']);
  return [...new Set(named)].filter(isDevice);
}

export function isContactPoint(name: string): boolean {
  return namespaces.some((space) => space.name === namespaceOf(name) && space.contactPoint);
}

export function compareNames(left: string, right: string): number {
  const [a, b] = [namespaceOf(left), namespaceOf(right)];
  if (a !== b) return a < b ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}

function read(record: WorldRecord, tieOf: TieOf): Statement {
  const stated =
    record.kind === 'identify' ? [...record.names, ...fromTraits(record)] : record.names;
  const distinct = [...new Set(stated)];
  const names = distinct.filter((name) => name !== sharedName).sort(byStrength);
  const { server, client } = sources[record.source];
  const given = trustOrder.indexOf(record.origin === 'server' ? server : client);
  const trust = Math.max(given, record.trust === undefined ? 0 : trustOrder.indexOf(record.trust));
  return {
    record,
    at: Math.min(record.timestamp ?? record.receivedAt, record.receivedAt),
    tie: tieOf(record.source, record.id),
    names,
    contacts: distinct.filter((name) => name === sharedName),
    // Nobody did anything where somebody decided.
    subject: record.kind === 'decision' ? undefined : names[0],
    previous: record.kind === 'alias' ? record.previous : undefined,
    trust,
    probability: trust === 5 ? (record.probability ?? 0.5) : 1,
  };
}

function fromTraits({ traits }: WorldRecord): string[] {
  return namespaces.flatMap(({ name, trait }) => {
    const value = trait === undefined ? undefined : traits[trait];
    return typeof value === 'string' ? [`${name}:${value.toLowerCase()}`] : [];
  });
}

function byStrength(left: string, right: string): number {
  return (
    Number(isDevice(left)) - Number(isDevice(right)) ||
    priorityOf(left) - priorityOf(right) ||
    compareNames(left, right)
  );
}
