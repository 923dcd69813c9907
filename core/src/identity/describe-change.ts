// Puts together what a batch changed, from what its steps report.
import {
  addOrigins,
  createChangeNotes,
  noteRegrouping,
  type ChangeNotes,
  type IdentityChange,
  type Move,
} from './change.ts';
import type { Span } from './device-spans.ts';
import type { DeviceOutcome } from './devices.ts';
import type { Erasures } from './erase.ts';
import type { Gathered } from './gather.ts';
import type { Known, KnownIdentifier } from './known.ts';
import type { ChangedPair } from './observe.ts';
import type { DeviceShift } from './respan.ts';

export interface BatchOutcome {
  /** Of the batch: the cause where no pair is. */
  readonly firstNumber: number;
  readonly gathered: Gathered;
  readonly known: Known;
  readonly erasures: Erasures;
  readonly changed: readonly ChangedPair[];
  /** Identifier → the number of a decision about it. */
  readonly causes: ReadonlyMap<number, number>;
  readonly moves: readonly Move[];
  readonly devices: DeviceOutcome;
}

/** All but whom it made reachable elsewhere, see readdressed.ts, and how much was recomputed. */
export function describeChange(
  outcome: BatchOutcome,
): Omit<IdentityChange, 'readdressed' | 'largestComponent'> {
  const { gathered, known, erasures, devices, firstNumber } = outcome;
  const notes = createChangeNotes();
  const moves = [...outcome.moves, ...erasures.gone];
  noteRegrouping(notes, moves, causeFinder(outcome, firstNumber));
  const newProfiles = findNewProfiles(moves, known);
  const devicesById = new Map(
    [...known.byHash.values()]
      .filter(({ identifier }) => identifier.kind === 'device')
      .map((device) => [device.id, device]),
  );
  for (const shift of devices.shifts) {
    const device = devicesById.get(shift.deviceId);
    if (device !== undefined && shift.ownership === 'gained') device.profileId = null;
    if (device !== undefined && shift.ownership === 'lost') device.profileId = device.latentId;
    noteShift(notes, shift, device, newProfiles, firstNumber);
  }
  for (const { profileId } of known.byHash.values()) {
    if (profileId !== null) notes.touched.add(profileId);
  }
  const profileOf = profilesOfRecords(gathered, known, devices);
  for (const profileId of profileOf.values()) notes.touched.add(profileId);
  for (const { hash } of erasures.erased) {
    const profileId = known.byHash.get(hash)?.profileId ?? undefined;
    if (profileId !== undefined) notes.regrouped.add(profileId);
  }
  for (const profileId of erasures.concerned) notes.regrouped.add(profileId);
  for (const profileId of notes.vanished) notes.regrouped.delete(profileId);
  for (const profileId of notes.regrouped) notes.touched.add(profileId);
  for (const profileId of notes.vanished) notes.touched.delete(profileId);
  const { erased } = erasures;
  const ids = new Map(erased.map(({ hash, id }) => [hash, id]));
  for (const [hash, { id }] of known.byHash) ids.set(hash, id);
  const { erasedRecords } = gathered;
  const { erasedAt } = known;
  return { ...notes, ids, profileOf, erased, erasedRecords, erasedAt };
}

/** The smallest number of a record whose pair lies among the identifiers, else the batch's first. */
function causeFinder(
  { changed, causes }: Pick<BatchOutcome, 'changed' | 'causes'>,
  firstNumber: number,
): (ids: readonly number[]) => number {
  const numbers = new Map(causes);
  for (const { pair } of changed) {
    for (const id of [pair.left, pair.right]) {
      numbers.set(id, Math.min(pair.number, numbers.get(id) ?? pair.number));
    }
  }
  return (ids) => {
    const least = ids.reduce((found, id) => Math.min(found, numbers.get(id) ?? found), Infinity);
    return least === Infinity ? firstNumber : least;
  };
}

/** Profiles that no identifier was in before the batch. */
function findNewProfiles(moves: readonly Move[], known: Known): Set<string> {
  const found = new Set<string>();
  for (const { isNew, profileId } of known.byHash.values()) {
    if (isNew && profileId !== null) found.add(profileId);
  }
  for (const { before, after } of moves) {
    if (before !== undefined && after !== undefined) found.delete(after);
  }
  return found;
}

function noteShift(
  notes: ChangeNotes,
  shift: DeviceShift,
  device: KnownIdentifier | undefined,
  newProfiles: ReadonlySet<string>,
  firstNumber: number,
): void {
  for (const { personId } of [...shift.before, ...shift.after]) {
    const profileId = shift.profileOf.get(personId);
    if (profileId !== undefined) notes.regrouped.add(profileId);
  }
  const own = device?.isNew === true ? undefined : shift.latentId;
  if (own !== undefined && shift.ownership === 'lost') notes.regrouped.add(own);
  if (own !== undefined && shift.ownership === 'gained' && device !== undefined) {
    notes.vanished.add(own);
    for (const heir of heirsOf(shift, device)) {
      addOrigins(notes, heir, newProfiles.has(heir) ? [own] : [own, heir]);
    }
  }
  const number = shift.number ?? firstNumber;
  for (const [profileId, from] of movesOf(shift, own)) {
    notes.changes.push({ kind: 'device_moved', profileId, from: [...from].sort(), number });
  }
}

/** Who gets what a device did while it was nobody's. */
function heirsOf(shift: DeviceShift, device: KnownIdentifier): Set<string> {
  const { firstAt, lastAt } = device.past;
  const spans = shift.after.filter(({ from, to }) => from <= lastAt && to > firstAt);
  return new Set(spans.flatMap(({ personId }) => shift.profileOf.get(personId) ?? []));
}

/** New owner → the profiles that she has the device, or some of its time, from. */
function movesOf(shift: DeviceShift, own: string | undefined): Map<string, Set<string>> {
  const moves = new Map<string, Set<string>>();
  const note = (to: string | undefined, from: string | undefined): void => {
    if (to === undefined || from === undefined || to === from) return;
    const origins = moves.get(to) ?? new Set();
    moves.set(to, origins.add(from));
  };
  for (const after of shift.after) {
    const owner = shift.profileOf.get(after.personId);
    if (shift.ownership === 'gained') note(owner, own);
    for (const before of overlapping(shift.before, after)) {
      note(owner, shift.profileOf.get(before.personId));
    }
  }
  if (shift.ownership !== 'lost') return moves;
  for (const { personId } of shift.before) note(own, shift.profileOf.get(personId));
  return moves;
}

function overlapping(spans: readonly Span[], { from, to }: Span): Span[] {
  return spans.filter((span) => span.from < to && span.to > from);
}

function profilesOfRecords(
  gathered: Gathered,
  known: Known,
  devices: DeviceOutcome,
): Map<number, string> {
  const profileOf = new Map<number, string>();
  for (const [record, subject] of gathered.subjects) {
    const own = known.byHash.get(subject.hash)?.profileId ?? undefined;
    const profileId = subject.kind === 'device' ? (devices.owners.get(record.number) ?? own) : own;
    if (profileId !== undefined) profileOf.set(record.number, profileId);
  }
  return profileOf;
}
