// Keeps whose each device is at each time. A login that agrees with the owner at its time changes
// nothing; else the stretch between its neighbours is computed anew, however long the device's past.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { insertLogins, selectOwners } from './device-plans.ts';
import { ownerAt, type LoginOrder } from './device-spans.ts';
import type { LoginEvidence } from './evidence.ts';
import { slices, type Known, type KnownIdentifier } from './known.ts';
import { knownOf } from './observe.ts';
import {
  claimDevices,
  respan,
  type DeviceShift,
  type FirstLogins,
  type Stretch,
} from './respan.ts';

export interface DeviceFacts {
  readonly logins: readonly LoginEvidence[];
  /** Records whose subject is a device: somebody asks whose it was at their time. */
  readonly asked: readonly { readonly record: StandardRecord; readonly device: KnownIdentifier }[];
  /** Times of logins that an erasure took away, by device. */
  readonly lost: ReadonlyMap<number, readonly number[]>;
}

export interface DeviceOutcome {
  readonly shifts: readonly DeviceShift[];
  /** Record number → profile that owns its device at its time; missing where nobody does. */
  readonly owners: ReadonlyMap<number, string>;
}

interface Owner {
  readonly personId: number;
  readonly profileId: string;
}

export async function moveDevices(
  transaction: Transaction,
  facts: DeviceFacts,
  known: Known,
  order?: LoginOrder,
): Promise<DeviceOutcome> {
  const logins = facts.logins.map((login) => ({
    login,
    device: knownOf(login.device, known),
    person: knownOf(login.person, known),
  }));
  const questions = [
    ...logins.map(({ device, login }) => ({ device, at: login.at })),
    ...facts.asked.map(({ device, record }) => ({ device, at: record.at })),
  ];
  const before = await noteLogins(transaction, logins, questions);
  const first = firstLogins(logins, before, facts.lost);
  const stretches = stretchesOf(logins, before, facts.lost);
  for (const deviceId of first.keys()) stretches.delete(deviceId);
  const shifts = [
    ...(await claimDevices(transaction, first, order)),
    ...(await respan(transaction, stretches, order)),
  ];
  return { shifts, owners: ownersOf(facts.asked, before.slice(logins.length), shifts) };
}

interface KnownLogin {
  readonly login: LoginEvidence;
  readonly device: KnownIdentifier;
  readonly person: KnownIdentifier;
}

interface Question {
  readonly device: KnownIdentifier;
  readonly at: number;
}

/** Writes the logins; answers each question with the owner by the spans before the batch. */
async function noteLogins(
  transaction: Transaction,
  logins: readonly KnownLogin[],
  questions: readonly Question[],
): Promise<(Owner | undefined)[]> {
  const owners: (Owner | undefined)[] = [];
  for (const [place, asked] of slices(questions).entries()) {
    const columns = [asked.map(({ device }) => device.id), asked.map(({ at }) => at)];
    // Questions begin with the logins, so the same slice of the logins goes along.
    const written = slices(logins)[place] ?? [];
    const rows = await transaction.query<OwnerRow>(
      written.length > 0 ? insertLogins : selectOwners,
      written.length > 0 ? [...columns, ...loginColumns(written)] : columns,
    );
    const found = new Map(rows.map((row) => [row.place, row]));
    for (let index = 1; index <= asked.length; index += 1) {
      const row = found.get(index);
      owners.push(row && { personId: row.person_id, profileId: row.profile_id });
    }
  }
  return owners;
}

interface OwnerRow {
  place: number;
  person_id: number;
  profile_id: string;
}

function loginColumns(logins: readonly KnownLogin[]): unknown[] {
  return [
    logins.map(({ device }) => device.id),
    logins.map(({ login }) => login.at),
    logins.map(({ person }) => person.id),
    logins.map(({ login }) => login.trust),
    logins.map(({ login }) => login.source),
    logins.map(({ login }) => login.messageHash),
    logins.map(({ login }) => login.number),
  ];
}

/** The logins of devices that have no owner yet: no login of theirs is stored, so these are all. */
function firstLogins(
  logins: readonly KnownLogin[],
  owners: readonly (Owner | undefined)[],
  lost: ReadonlyMap<number, readonly number[]>,
): Map<number, FirstLogins> {
  const first = new Map<number, FirstLogins>();
  for (const [place, { login, device, person }] of logins.entries()) {
    if (owners[place] !== undefined || lost.has(device.id)) continue;
    const entry = first.get(device.id) ?? newFirst(device, login.number);
    const { namespace, value } = person.identifier;
    entry.logins.push({ at: login.at, trust: login.trust, personId: person.id, namespace, value });
    if (person.profileId !== null) entry.profileOf.set(person.id, person.profileId);
    first.set(device.id, entry);
  }
  return first;
}

function newFirst(device: KnownIdentifier, number: number): FirstLogins {
  return { deviceId: device.id, isNew: device.isNew, number, logins: [], profileOf: new Map() };
}

function stretchesOf(
  logins: readonly KnownLogin[],
  owners: readonly (Owner | undefined)[],
  lost: ReadonlyMap<number, readonly number[]>,
): Map<number, Stretch> {
  const stretches = new Map<number, Stretch>();
  const widen = (deviceId: number, at: number, number: number | undefined): void => {
    const known = stretches.get(deviceId);
    stretches.set(deviceId, {
      from: Math.min(at, known?.from ?? at),
      to: Math.max(at, known?.to ?? at),
      number: number ?? known?.number,
    });
  };
  for (const [place, { login, device, person }] of logins.entries()) {
    if (owners[place]?.personId !== person.id) widen(device.id, login.at, login.number);
  }
  for (const [deviceId, times] of lost) {
    for (const at of times) widen(deviceId, at, undefined);
  }
  return stretches;
}

function ownersOf(
  asked: DeviceFacts['asked'],
  before: readonly (Owner | undefined)[],
  shifts: readonly DeviceShift[],
): Map<number, string> {
  const shiftOf = new Map(shifts.map((shift) => [shift.deviceId, shift]));
  const owners = new Map<number, string>();
  for (const [place, { record, device }] of asked.entries()) {
    const shift = shiftOf.get(device.id);
    const isInside = shift !== undefined && record.at >= shift.from && record.at < shift.to;
    const personId = isInside ? ownerAt(shift.after, record.at) : undefined;
    const profileId = isInside
      ? personId !== undefined && shift.profileOf.get(personId)
      : before[place]?.profileId;
    if (typeof profileId === 'string') owners.set(record.number, profileId);
  }
  return owners;
}
