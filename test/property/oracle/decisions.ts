// What operators decided about pairs, naively: all that was ever decided in one list, and the last word counts.
import { compareNames, isErased, type Stated, type Statement } from './statements.ts';

export interface Decided {
  readonly ends: readonly [string, string];
  readonly at: number;
}

export interface Decisions {
  readonly merges: readonly Decided[];
  /** Was it observed no later than some retraction reaches? */
  isRetracted(pair: Decided): boolean;
  /** Are two among them said never to be the same? */
  isSeparated(names: ReadonlySet<string>): boolean;
}

export function findDecisions(stated: Stated): Decisions {
  const merges = decided(stated, 'merge', ({ at }) => at);
  const retractions = decided(stated, 'retract', ({ record, at }) =>
    Math.min(record.upTo ?? at, at),
  );
  const separations = decided(stated, 'separate', ({ at }) => at);
  const lifts = decided(stated, 'lift', ({ at }) => at);
  const isAfter = (one: Decided, others: readonly Decided[]): boolean =>
    others.some((other) => samePair(one, other) && other.at > one.at);
  const standing = separations.filter((one) => !isAfter(one, lifts));
  return {
    merges,
    isRetracted: (pair) => retractions.some((one) => samePair(one, pair) && pair.at <= one.at),
    isSeparated: (names) => standing.some(({ ends }) => ends.every((end) => names.has(end))),
  };
}

/** Without those that an erasure of either end reaches. */
function decided(
  stated: Stated,
  kind: NonNullable<Statement['record']['decision']>,
  timeOf: (statement: Statement) => number,
): Decided[] {
  return stated.statements.flatMap((statement) => {
    const [one, other] = [...statement.names].sort(compareNames);
    if (statement.record.decision !== kind || one === undefined || other === undefined) return [];
    const at = timeOf(statement);
    const isForgotten = isErased(stated, one, at) || isErased(stated, other, at);
    return isForgotten ? [] : [{ ends: [one, other] as const, at }];
  });
}

function samePair({ ends: [one, other] }: Decided, { ends: [left, right] }: Decided): boolean {
  return one === left && other === right;
}
