// What a batch changed about who is who: for the rooms that follow, and for the audit log.

export interface IdentityChangeEntry {
  readonly kind: 'merged' | 'split' | 'renamed' | 'device_moved';
  readonly profileId: string;
  /** The profiles that its identifiers, or its device, came from, without itself. */
  readonly from: readonly string[];
  /** Log number of a record that caused it. */
  readonly number: number;
}

export interface ErasedIdentifier {
  readonly hash: string;
  readonly id: number;
  /** Everything up to this time is erased. */
  readonly at: number;
  /** True where nothing newer is known of it, so that the identifier itself is gone. */
  readonly gone: boolean;
}

export interface IdentityChange {
  /** Ids of all known identifiers that the batch names, by hash; of erased ones their former id. */
  readonly ids: ReadonlyMap<string, number>;
  /** Profiles that a record of the batch touches or that identity changed; as they are after it. */
  readonly touched: ReadonlySet<string>;
  /** Profiles that no longer exist. */
  readonly vanished: ReadonlySet<string>;
  /**
   * Profile → the profiles that its identifiers came from, itself included if it existed. Only where
   * membership of identifiers changed. A device that had no owner counts as an identifier of the
   * profiles that its past went to; a device that changes hands does not.
   */
  readonly origins: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Profiles whose facts may be others than before: identifiers came or went, a device changed
   * hands, something was erased. A superset of the keys of `origins`.
   */
  readonly regrouped: ReadonlySet<string>;
  /** Profiles that may be reached elsewhere than before, or by another consent; some of them regrouped. */
  readonly readdressed: ReadonlySet<string>;
  readonly changes: readonly IdentityChangeEntry[];
  /** Record number → its profile after the batch; missing where its subject is erased or nobody. */
  readonly profileOf: ReadonlyMap<number, string>;
  /** Known identifiers that the batch erased. */
  readonly erased: readonly ErasedIdentifier[];
  /** Numbers of records whose subject was erased as of their time: their facts do not count. */
  readonly erasedRecords: ReadonlySet<number>;
  /** Up to when identifiers that the batch names are erased, by hash; whenever they were. */
  readonly erasedAt: ReadonlyMap<string, number>;
  /** Members of the largest component that was recomputed: identifiers that evidence connects. */
  readonly largestComponent: number;
}

/** One identifier before and after; `before` undefined where it is new, `after` where it is gone. */
export interface Move {
  readonly id: number;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface ChangeNotes {
  readonly touched: Set<string>;
  readonly vanished: Set<string>;
  readonly regrouped: Set<string>;
  readonly origins: Map<string, Set<string>>;
  readonly changes: IdentityChangeEntry[];
}

export function createChangeNotes(): ChangeNotes {
  return {
    touched: new Set(),
    vanished: new Set(),
    regrouped: new Set(),
    origins: new Map(),
    changes: [],
  };
}

/** `moves` hold every identifier of the profiles concerned, before and after; causes go by identifier. */
export function noteRegrouping(
  notes: ChangeNotes,
  moves: readonly Move[],
  causeOf: (ids: readonly number[]) => number,
): void {
  const before = groupMoves(moves, (move) => move.before);
  const after = groupMoves(moves, (move) => move.after);
  for (const old of before.keys()) if (!after.has(old)) notes.vanished.add(old);
  for (const [profileId, joined] of after) {
    const from = distinct(joined.map((move) => move.before));
    const left = before.get(profileId)?.some((move) => move.after !== profileId) ?? false;
    const isSame = !left && joined.every((move) => move.before === profileId);
    if (isSame) continue;
    notes.regrouped.add(profileId);
    if (from.size > 0) addOrigins(notes, profileId, from);
    const kind = kindOf(profileId, from, before);
    if (kind === undefined) continue;
    from.delete(profileId);
    const number = causeOf(joined.map((move) => move.id));
    notes.changes.push({ kind, profileId, from: [...from].sort(), number });
  }
}

function kindOf(
  profileId: string,
  from: ReadonlySet<string>,
  before: ReadonlyMap<string, readonly Move[]>,
): IdentityChangeEntry['kind'] | undefined {
  if (from.size > 1) return 'merged';
  const [only] = from;
  if (only === undefined || only === profileId) return undefined;
  const remained = before.get(only)?.some((move) => (move.after ?? profileId) !== profileId);
  return remained === true ? 'split' : 'renamed';
}

export function addOrigins(notes: ChangeNotes, profileId: string, from: Iterable<string>): void {
  const known = notes.origins.get(profileId) ?? new Set();
  for (const origin of from) known.add(origin);
  notes.origins.set(profileId, known);
}

function groupMoves(
  moves: readonly Move[],
  keyOf: (move: Move) => string | undefined,
): Map<string, Move[]> {
  const groups = new Map<string, Move[]>();
  for (const move of moves) {
    const key = keyOf(move);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [move]);
    else group.push(move);
  }
  return groups;
}

function distinct(values: readonly (string | undefined)[]): Set<string> {
  return new Set(values.filter((value) => value !== undefined));
}
