// Delivery as the hub uses it: one instance per destination of config, and what operators ask of them.
import { selectActions } from './action/plans.ts';
import type { ActionRow, ActionStatus } from './action/settle-actions.ts';
import { settleActionByHand } from './action/settle-by-hand.ts';
import { selectForward, type EventStatus, type OpenEvent } from './forward/plans.ts';
import { settleEventByHand } from './forward/settle-by-hand.ts';
import { listDeadLetters, type DeadLetter, type DeadLetterFilter } from './dead-letters.ts';
import { explainDelivery, type DeliveryExplanation } from './explain-delivery.ts';
import { createDeliveryInstance, type DeliveryInstance } from './delivery-instance.ts';
import { approveInstanceGuard, pauseInstance, resumeInstance } from './instance-state.ts';
import { doubtWaiting } from './doubt-waiting.ts';
import { reconcileList, resetInstance, type ReconcileReport } from './reconcile.ts';
import { dropDeadLetters, replayDeadLetters, type OnProgress } from './replay.ts';
import { pursueErasure, type ErasureQuestion, type ErasureStanding } from './pursue-erasure.ts';
import { readStatus, type InstanceStatus } from './status.ts';
import { createInstanceWorlds, isSameWorld, type DeliverySettings } from './instance-worlds.ts';
import type { InstanceWorld } from './world.ts';

type LetterFilter = Omit<DeadLetterFilter, 'state'>;

export interface Delivery {
  readonly instances: ReadonlyMap<string, DeliveryInstance>;
  /**
   * Those that are new take their place in the log: before more is resolved. Can be repeated.
   * @param from their place; left out: as far as is resolved
   */
  takePlaces(from?: number): Promise<void>;
  /** Starts those that do not run yet. */
  start(): Promise<void>;
  /** Lets calls that are under way settle. Those that `next` goes on with are left alone. */
  stop(next?: Delivery): Promise<void>;
  /** Resolve has committed something. */
  wake(): void;
  /** Takes up what a process before this one left under way; `start` does it too. */
  recover(): Promise<void>;
  planOnce(instance: string): Promise<boolean>;
  sendOnce(instance: string): Promise<boolean>;
  status(): Promise<InstanceStatus[]>;
  /** Takes an erasure one step further and says how it stands. */
  pursueErasure(instance: string, question: ErasureQuestion): Promise<ErasureStanding>;
  /** @param code default `PAUSED`. */
  pause(instance: string, reason: string, by: string, code?: string): Promise<void>;
  resume(instance: string, by: string): Promise<void>;
  /** The guards let everything through until then. */
  approveGuard(instance: string, until: number, by: string): Promise<void>;
  /** Believes nothing of what may be at the destination: all of it is sent again. @returns rows. */
  reset(instance: string, by: string, onProgress?: (done: number) => void): Promise<number>;
  /** After a restore: what waits to happen once is in doubt, since it may have gone out. */
  doubt(instance: string): Promise<void>;
  /** Why this person is there, or is not. */
  explain(instance: string, profileId: string): Promise<DeliveryExplanation>;
  reconcile(instance: string, list: string): Promise<ReconcileReport | undefined>;
  /** The newest first, e.g. those in doubt. */
  actions(instance: string, status?: ActionStatus, limit?: number): Promise<ActionRow[]>;
  /** Forwarded events that have no outcome yet, the oldest first. */
  openEvents(instance: string, status?: EventStatus, limit?: number): Promise<OpenEvent[]>;
  settleAction(
    instance: string,
    id: string,
    verdict: 'delivered' | 'not_delivered',
    reason: string,
    by: string,
  ): Promise<boolean>;
  settleEvent(
    instance: string,
    number: number,
    verdict: 'delivered' | 'not_delivered',
    by: string,
  ): Promise<boolean>;
  deadLetters(
    instance: string,
    filter: DeadLetterFilter,
    page?: { readonly after: number; readonly limit: number },
  ): Promise<DeadLetter[]>;
  replay(
    instance: string,
    filter: LetterFilter,
    by: string,
    onProgress?: OnProgress,
  ): Promise<number>;
  drop(
    instance: string,
    filter: LetterFilter,
    reason: string,
    by: string,
    onProgress?: OnProgress,
  ): Promise<number>;
}

/** @param before what ran until now: an instance that nothing has changed for is carried over. */
export function createDelivery(settings: DeliverySettings, before?: Delivery): Delivery {
  const instances = new Map<string, DeliveryInstance>();
  for (const world of createInstanceWorlds(settings)) {
    const known = before?.instances.get(world.id);
    const goesOn = known !== undefined && isSameWorld(known.world, world);
    instances.set(world.id, goesOn ? known : createDeliveryInstance(world));
  }
  const all = [...instances.values()];
  const find = (id: string): DeliveryInstance =>
    instances.get(id) ?? unknownInstance(id, instances);
  const worldOf = (id: string): InstanceWorld => find(id).world;
  return {
    instances,
    async takePlaces(from) {
      for (const instance of all) await instance.takePlace(from);
    },
    async start() {
      await Promise.all(all.map((instance) => instance.start()));
    },
    async stop(next) {
      const ending = all.filter((instance) => next?.instances.get(instance.world.id) !== instance);
      await Promise.all(ending.map((instance) => instance.stop()));
    },
    wake: () => all.forEach((instance) => instance.wake()),
    async recover() {
      for (const instance of all) await instance.recover();
    },
    planOnce: (id) => find(id).planOnce(),
    sendOnce: (id) => find(id).sendOnce(),
    pursueErasure: (id, question) =>
      settings.store.transaction('background', (transaction) =>
        pursueErasure(worldOf(id), transaction, question),
      ),
    status: () => Promise.all(all.map(({ world }) => readStatus(world))),
    pause: (id, message, by, code = 'PAUSED') => pauseInstance(worldOf(id), { code, message, by }),
    resume: (id, by) => resumeInstance(worldOf(id), by),
    approveGuard: (id, until, by) => approveInstanceGuard(worldOf(id), until, by),
    reset: (id, by, onProgress) => resetInstance(worldOf(id), by, onProgress),
    doubt: (id) => doubtWaiting(worldOf(id)),
    explain: (id, profileId) =>
      settings.store.transaction('background', (transaction) =>
        explainDelivery(worldOf(id), transaction, profileId),
      ),
    reconcile: (id, list) => reconcileList(worldOf(id), list),
    actions: (id, status, limit = 100) =>
      settings.store.query<ActionRow>('background', selectActions, [
        worldOf(id).id,
        status ?? null,
        limit,
      ]),
    openEvents: (id, status, limit = 100) =>
      settings.store.query<OpenEvent>('background', selectForward, [
        worldOf(id).id,
        status ?? null,
        limit,
      ]),
    settleAction: (id, action, verdict, reason, by) =>
      settleActionByHand(worldOf(id), action, verdict, reason, by),
    settleEvent: (id, number, verdict, by) => settleEventByHand(worldOf(id), number, verdict, by),
    deadLetters: (id, filter, page) =>
      settings.store.transaction('background', (transaction) =>
        listDeadLetters(transaction, worldOf(id).id, filter, page),
      ),
    replay: (id, filter, by, onProgress) => replayDeadLetters(worldOf(id), filter, by, onProgress),
    drop: (id, filter, reason, by, onProgress) =>
      dropDeadLetters(worldOf(id), filter, reason, by, onProgress),
  };
}

function unknownInstance(id: string, known: ReadonlyMap<string, unknown>): never {
  throw new Error(
    `DELIVERY_INSTANCE_UNKNOWN: destination ${id}: found none of that id that runs, expected one of ${[...known.keys()].join(', ')}. Enable it in config.`,
  );
}
