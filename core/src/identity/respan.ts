// Computes stretches of devices' times anew from their logins and writes the spans that differ.
import type { TrustRank } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { selectLogins, selectSpans, updateOwned, writeSpans } from './device-plans.ts';
import {
  compareLogins,
  deviceSpans,
  replaceSpans,
  type Login,
  type LoginOrder,
  type Span,
} from './device-spans.ts';
import { slices } from './known.ts';

/** From the first to the last login that came or went. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Log number of a login that came; undefined where logins only went. */
  readonly number: number | undefined;
}

/** A device whose spans changed within [from, to). */
export interface DeviceShift {
  readonly deviceId: number;
  readonly latentId: string | undefined;
  readonly number: number | undefined;
  readonly from: number;
  readonly to: number;
  /** The spans that overlap that stretch or begin at its end. */
  readonly before: readonly Span[];
  readonly after: readonly Span[];
  /** Did it get its first owner, or lose its last? */
  readonly ownership: 'gained' | 'lost' | 'kept';
  /** Person → profile, as of now; without persons that are gone. */
  readonly profileOf: ReadonlyMap<number, string>;
}

interface Window {
  readonly deviceId: number;
  readonly stretch: Stretch;
  readonly logins: Login[];
  readonly spans: Span[];
  readonly profileOf: Map<number, string>;
}

export async function respan(
  transaction: Transaction,
  stretches: ReadonlyMap<number, Stretch>,
  order: LoginOrder = compareLogins,
): Promise<DeviceShift[]> {
  const shifts: DeviceShift[] = [];
  for (const slice of slices([...stretches], deviceSlice)) {
    const windows = new Map(slice.map(([id, stretch]) => [id, newWindow(id, stretch)]));
    await loadLogins(transaction, windows);
    await loadSpans(transaction, windows);
    const moved = [...windows.values()].map((window) => shiftOf(window, order));
    await writeShifts(transaction, moved);
    shifts.push(...(await settleOwnership(transaction, moved)));
  }
  return shifts;
}

/** A device that nobody had, with all the logins that there are of it. */
export interface FirstLogins {
  readonly deviceId: number;
  /** True where the batch brought the device: its row says already that it is owned. */
  readonly isNew: boolean;
  readonly number: number;
  readonly logins: Login[];
  readonly profileOf: Map<number, string>;
}

/** As `respan`, for devices of which nothing is stored that would have to be read. */
export async function claimDevices(
  transaction: Transaction,
  first: ReadonlyMap<number, FirstLogins>,
  order: LoginOrder = compareLogins,
): Promise<DeviceShift[]> {
  const shifts: DeviceShift[] = [];
  for (const slice of slices([...first.values()])) {
    const moved = slice.map(({ logins, isNew, ...claim }) => ({
      ...claim,
      from: Number.NEGATIVE_INFINITY,
      to: Number.POSITIVE_INFINITY,
      before: [],
      after: deviceSpans(logins, order),
      ownership: 'gained' as const,
      isNew,
    }));
    await writeShifts(transaction, moved);
    const old = moved.filter(({ isNew }) => !isNew);
    shifts.push(...moved.filter(({ isNew }) => isNew).map(withoutLatentId));
    shifts.push(...(await settleOwnership(transaction, old)));
  }
  return shifts;
}

function withoutLatentId(moved: Moved): DeviceShift {
  return { ...moved, latentId: undefined };
}

const deviceSlice = 500;

function newWindow(deviceId: number, stretch: Stretch): Window {
  return { deviceId, stretch, logins: [], spans: [], profileOf: new Map() };
}

interface LoginRow {
  device_id: number;
  at: number;
  trust: TrustRank;
  person_id: number;
  namespace: string;
  value: string;
  profile_id: string;
}

async function loadLogins(
  transaction: Transaction,
  windows: ReadonlyMap<number, Window>,
): Promise<void> {
  const asked = [...windows.values()];
  const rows = await transaction.query<LoginRow>(selectLogins, [
    asked.map(({ deviceId }) => deviceId),
    asked.map(({ stretch }) => isoTime(stretch.from)),
    asked.map(({ stretch }) => isoTime(stretch.to)),
  ]);
  for (const { device_id, at, trust, person_id, namespace, value, profile_id } of rows) {
    const window = windows.get(device_id);
    window?.logins.push({ at, trust, personId: person_id, namespace, value });
    window?.profileOf.set(person_id, profile_id);
  }
}

interface SpanRow {
  device_id: number;
  from_at: number;
  to_at: number;
  person_id: number;
  profile_id: string | null;
}

async function loadSpans(
  transaction: Transaction,
  windows: ReadonlyMap<number, Window>,
): Promise<void> {
  const asked = [...windows.values()].map((window) => ({ ...window, ...boundsOf(window) }));
  const rows = await transaction.query<SpanRow>(selectSpans, [
    asked.map(({ deviceId }) => deviceId),
    asked.map(({ from }) => isoTime(from)),
    asked.map(({ to }) => isoTime(to)),
  ]);
  for (const { device_id, from_at, to_at, person_id, profile_id } of rows) {
    const window = windows.get(device_id);
    window?.spans.push({ from: from_at, to: to_at, personId: person_id });
    if (profile_id !== null) window?.profileOf.set(person_id, profile_id);
  }
}

/** From the neighbour before to the neighbour after: outside, no span can have changed. */
function boundsOf({ logins, stretch }: Window): { from: number; to: number } {
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const { at } of logins) {
    if (at < stretch.from) from = Math.max(from, at);
    if (at > stretch.to) to = Math.min(to, at);
  }
  return { from, to };
}

type Moved = Omit<DeviceShift, 'latentId'>;

function shiftOf(window: Window, order: LoginOrder): Moved {
  const { from, to } = boundsOf(window);
  const after = replaceSpans(window.spans, deviceSpans(window.logins, order), from, to);
  const isOwned = after.length > 0;
  const wasOwned = window.spans.length > 0;
  const ownership = isOwned === wasOwned ? 'kept' : isOwned ? 'gained' : 'lost';
  const { deviceId, profileOf, stretch, spans } = window;
  return { deviceId, number: stretch.number, from, to, before: spans, after, ownership, profileOf };
}

async function writeShifts(transaction: Transaction, moved: readonly Moved[]): Promise<void> {
  const gone: { deviceId: number; from: number }[] = [];
  const written: (Span & { deviceId: number })[] = [];
  for (const { deviceId, before, after } of moved) {
    const starts = new Set(after.map(({ from }) => from));
    for (const { from } of before) if (!starts.has(from)) gone.push({ deviceId, from });
    for (const span of after) {
      if (!before.some((old) => sameSpan(old, span))) written.push({ ...span, deviceId });
    }
  }
  if (gone.length === 0 && written.length === 0) return;
  await transaction.query(writeSpans, [
    gone.map(({ deviceId }) => deviceId),
    gone.map(({ from }) => isoTime(from)),
    written.map(({ deviceId }) => deviceId),
    written.map(({ from }) => isoTime(from)),
    written.map(({ to }) => isoTime(to)),
    written.map(({ personId }) => personId),
  ]);
}

function sameSpan(one: Span, other: Span): boolean {
  return one.from === other.from && one.to === other.to && one.personId === other.personId;
}

async function settleOwnership(
  transaction: Transaction,
  moved: readonly Moved[],
): Promise<DeviceShift[]> {
  const turned = moved.filter(({ ownership }) => ownership !== 'kept');
  if (turned.length === 0) return moved.map(withoutLatentId);
  const rows = await transaction.query<{ id: number; latent_id: string }>(updateOwned, [
    turned.map(({ deviceId }) => deviceId),
    turned.map(({ ownership }) => ownership === 'gained'),
  ]);
  const latentIds = new Map(rows.map((row) => [row.id, row.latent_id]));
  return moved.map((shift) => ({ ...shift, latentId: latentIds.get(shift.deviceId) }));
}
