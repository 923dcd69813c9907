// The promise "same facts, same result", for one world and one arrival: what the hub shows is what the
// oracle foretells, and rebuilding it from the log changes nothing.
import { expect } from 'vitest';
import type { Intake } from '../../core/src/intake/intake.ts';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import type { DeploymentKeys } from '../../core/src/standardise/keys.ts';
import type { Store } from '../../core/src/store/store.ts';
import { createLine, type Line } from '../support/line.ts';
import { testKeys } from '../support/settings.ts';
import { arrive, type Arrival } from './arrival.ts';
import { hubSettings } from './hub-settings.ts';
import { observeLook, observePeople } from './observe.ts';
import { foretell } from './oracle.ts';
import type { World } from './world.ts';

/** The store must be clean. Throws where hub and oracle differ. */
export async function checkWorld(store: Store, world: World, arrival: Arrival): Promise<Line> {
  const { looks, ...expected } = foretell(world, testKeys.messageHash);
  const line = await openLine(store, world, arrival);
  await arrive(line, world.records, arrival, world.looks[0] ?? 0);
  expect(await observePeople(store, world)).toEqual(expected);
  for (const look of looks) {
    line.time.now = look.at;
    await line.resolve();
    expect(await observeLook(line, store, world, look.at)).toEqual(look);
  }
  return line;
}

/** The same, and once more after a rebuild at the last look. */
export async function checkRebuild(store: Store, world: World, arrival: Arrival): Promise<void> {
  const line = await checkWorld(store, world, arrival);
  const { looks, ...expected } = foretell(world, testKeys.messageHash);
  const last = looks.at(-1);
  if (last === undefined) return;
  await rebuild({ store, room: line.room });
  expect(await observePeople(store, world)).toEqual(expected);
  expect(await observeLook(line, store, world, last.at)).toEqual(last);
}

export async function openLine(
  store: Store,
  world: World,
  arrival: Arrival,
  keys: DeploymentKeys = testKeys,
): Promise<Line> {
  const computed = new Map(world.computed.map(({ name, measure }) => [name, measure]));
  const intakes = intakesOf.get(store) ?? new Map<DeploymentKeys, Intake>();
  intakesOf.set(store, intakes);
  const known = intakes.get(keys);
  const line = await createLine(store, {
    now: world.looks[0] ?? 0,
    settings: hubSettings(computed),
    audiences: world.audiences,
    batchEvents: arrival.batchEvents,
    keys,
    ...(known === undefined ? {} : { intake: known }),
  });
  intakes.set(keys, line.intake);
  return line;
}

const intakesOf = new WeakMap<Store, Map<DeploymentKeys, Intake>>();
