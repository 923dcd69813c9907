// Plans everybody in the ledger anew, slice by slice: after a start (a plugin's key may have
// changed), after an erasure (a contact point may have lost its last holder), and now and then. With each
// contact point go the people behind it: another that is theirs alone may take its place.
import type { InstanceWorld } from '../world.ts';
import { planPeople } from './plan-people.ts';
import {
  firstLedgerKey,
  selectBehindEpisodes,
  selectBehindKeys,
  selectEpisodeSlice,
  selectSweepSlice,
} from './plans.ts';

export interface Sweep {
  /** One slice, if a sweep is under way or its time has come; true when there is more. */
  step(world: InstanceWorld, now: number): Promise<boolean>;
  /** Begins from the start. */
  restart(): void;
}

const sliceSize = 200;
const everyMs = 3_600_000;
const firstEpisode = { audience: '', identifierId: -1 };

type Position =
  | { readonly over: 'ledger'; readonly after: { readonly list: string; readonly keyHash: string } }
  | {
      readonly over: 'episodes';
      readonly after: { readonly audience: string; readonly identifierId: number };
    };

export function createSweep(): Sweep {
  const start: Position = { over: 'ledger', after: firstLedgerKey };
  let position: Position | undefined = start;
  let nextAt = 0;
  return {
    async step(world, now) {
      if (position === undefined) {
        if (now < nextAt) return false;
        position = start;
      }
      const from: Position = position;
      const next =
        from.over === 'ledger'
          ? await sweepLedger(world, from.after, now)
          : await sweepEpisodes(world, from.after, now);
      // A restart that came meanwhile counts.
      if (position !== from) return true;
      position = next;
      if (next === undefined) nextAt = now + everyMs;
      return next !== undefined;
    },
    restart() {
      position = { ...start };
    },
  };
}

interface Behind {
  readonly profileId: string;
}

async function sweepLedger(
  world: InstanceWorld,
  after: { readonly list: string; readonly keyHash: string },
  now: number,
): Promise<Position> {
  return world.store.transaction('background', async (transaction): Promise<Position> => {
    const rows = await transaction.query<{ list: string; keyHash: string }>(selectSweepSlice, [
      world.id,
      after.keyHash,
      after.list,
      sliceSize,
    ]);
    const last = rows.at(-1);
    if (last === undefined) return { over: 'episodes', after: firstEpisode };
    const keyHashes = rows.map((row) => row.keyHash);
    const behind = await transaction.query<Behind>(selectBehindKeys, [world.id, keyHashes]);
    const behindIds = behind.map((row) => row.profileId);
    await planPeople(world, transaction, { behindIds, keyHashes }, now);
    return { over: 'ledger', after: last };
  });
}

async function sweepEpisodes(
  world: InstanceWorld,
  after: { readonly audience: string; readonly identifierId: number },
  now: number,
): Promise<Position | undefined> {
  return world.store.transaction('background', async (transaction) => {
    const rows = await transaction.query<{ audience: string; identifierId: number }>(
      selectEpisodeSlice,
      [world.id, after.audience, after.identifierId, sliceSize],
    );
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    const identifierIds = rows.map((row) => row.identifierId);
    const behind = await transaction.query<Behind>(selectBehindEpisodes, [
      world.id,
      rows.map((row) => row.audience),
      identifierIds,
    ]);
    const behindIds = behind.map((row) => row.profileId);
    await planPeople(world, transaction, { behindIds, identifierIds }, now);
    return { over: 'episodes', after: last };
  });
}
