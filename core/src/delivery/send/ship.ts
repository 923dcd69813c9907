// The way of one batch from claimed to settled, alike for states, actions and events: wait for the
// vendor's limits, open the latch, pass the gate, call, and say for each delivery how it ended.
import type { PurposeBasis } from '../../consent/read.ts';
import type { HoldEntry, StoppedBy } from '../dispatch-latch.ts';
import type { InstanceWorld } from '../world.ts';
import { callPlugin, type PluginAnswer, type PluginCall } from './call-plugin.ts';
import { keepAttempt, noteAnswer, settlementOf } from './note-answer.ts';
import type { Settlement } from './settlement.ts';

/** What the gate says: go, with everything a stop of which would forbid it; or how it ends here. */
export type GateFinding =
  | {
      readonly pass: true;
      readonly hashes: readonly string[];
      /** Default `any`. */
      readonly stoppedBy?: StoppedBy | undefined;
      /** What each purpose rests on, as it is now. */
      readonly bases: readonly PurposeBasis[];
    }
  | { readonly pass: false; readonly settlement: Settlement };

export interface Shipment<Item> {
  readonly items: readonly Item[];
  handleOf(item: Item): string;
  /** Left out where nobody is reached: removals always pass. */
  readonly gate?:
    ((items: readonly Item[]) => Promise<ReadonlyMap<string, GateFinding>>) | undefined;
  invoke(call: PluginCall, items: readonly Item[]): Promise<unknown>;
}

/** A shorter wait is slept through; for a longer one the batch goes back. */
const longestNapMs = 2_000;
const dryRunEveryMs = 60_000;

export async function ship<Item>(
  world: InstanceWorld,
  shipment: Shipment<Item>,
): Promise<Map<string, Settlement>> {
  const until = await awaitTurn(world);
  if (until !== undefined) return settleAll(shipment, { kind: 'deferred', until });
  const settlements = new Map<string, Settlement>();
  const answer = await passGateAndCall(world, shipment, settlements);
  if (answer === undefined) return settlements;
  const { failure, sent } = answer;
  if (failure?.kind === 'rejected' && sent.length > 1) {
    return new Map([...settlements, ...(await shipHalves(world, { ...shipment, items: sent }))]);
  }
  await noteAnswer(world, answer).catch((error: unknown) => {
    // The outcomes count all the same; the next call will tell again.
    const message = error instanceof Error ? error.message : 'unknown failure';
    world.log.error(`${world.id}: its state could not be written`, { message });
  });
  for (const item of sent) {
    const handle = shipment.handleOf(item);
    const settlement =
      failure === undefined ? answer.settlements.get(handle) : settlementOf(failure);
    if (settlement !== undefined) settlements.set(handle, keepAttempt(world, settlement));
  }
  return settlements;
}

async function awaitTurn(world: InstanceWorld): Promise<number | undefined> {
  const { clock, traffic, signal } = world;
  const wait = traffic.nextCallAt() - clock.now();
  if (wait <= 0) return undefined;
  if (wait > longestNapMs || traffic.isDown()) return traffic.nextCallAt();
  try {
    await clock.sleep(wait, signal);
    return undefined;
  } catch {
    return clock.now(); // the instance is being stopped
  }
}

type Called<Item> = PluginAnswer & { readonly sent: readonly Item[] };

async function passGateAndCall<Item>(
  world: InstanceWorld,
  shipment: Shipment<Item>,
  settlements: Map<string, Settlement>,
): Promise<Called<Item> | undefined> {
  const { handleOf } = shipment;
  const { purposes } = world.settings;
  const hold = world.latch.open({ purposes, channel: world.destination.plugin.channel });
  try {
    const findings = await lookAgain(world, shipment);
    const now = world.clock.now();
    const passed = findings === undefined ? undefined : readFindings(shipment, findings, now);
    for (const [handle, settlement] of passed?.refused ?? []) settlements.set(handle, settlement);
    if (world.settings.dryRun) {
      postponeAll(world, shipment, settlements);
      return undefined;
    }
    // From here to the plugin's call nothing is awaited.
    const stopped = hold.dispatch(passed?.entries ?? []);
    // Looked at again at once: the gate now finds the stop in the store.
    for (const handle of stopped) settlements.set(handle, { kind: 'deferred', until: now });
    const sent = shipment.items.filter((item) => !settlements.has(handleOf(item)));
    if (sent.length === 0) return undefined;
    const invoke = (call: PluginCall): Promise<unknown> => shipment.invoke(call, sent);
    const answer = await callPlugin(world, sent.map(handleOf), invoke, hold.signal);
    return { ...answer, sent };
  } finally {
    hold.release();
  }
}

/** In a dry run what would be sent is counted and told, and stays due. */
function postponeAll<Item>(
  world: InstanceWorld,
  { items, handleOf }: Shipment<Item>,
  settlements: Map<string, Settlement>,
): void {
  const until = world.clock.now() + dryRunEveryMs;
  const passed = items.map(handleOf).filter((handle) => !settlements.has(handle));
  for (const handle of passed) settlements.set(handle, { kind: 'deferred', until });
  world.log.info(`${world.id}: dry run`, { wouldSend: passed.length, of: items.length });
}

/** A gate that cannot see lets nobody through. */
async function lookAgain<Item>(
  world: InstanceWorld,
  shipment: Shipment<Item>,
): Promise<ReadonlyMap<string, GateFinding> | undefined> {
  try {
    return await shipment.gate?.(shipment.items);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown failure';
    world.log.error(`${world.id}: the gate could not see; nothing is sent`, { message });
    return new Map();
  }
}

/** What the gate did not speak of is not sent. */
function readFindings<Item>(
  shipment: Shipment<Item>,
  findings: ReadonlyMap<string, GateFinding>,
  now: number,
): {
  readonly refused: Map<string, Settlement>;
  readonly entries: HoldEntry[];
} {
  const refused = new Map<string, Settlement>();
  const entries: HoldEntry[] = [];
  for (const item of shipment.items) {
    const handle = shipment.handleOf(item);
    const finding = findings.get(handle);
    if (finding?.pass === true) entries.push({ ...finding, handle });
    else refused.set(handle, finding?.settlement ?? { kind: 'deferred', until: now + 1_000 });
  }
  return { refused, entries };
}

/** Which of them the vendor will not take, it does not say: the good ones must not fall with the bad. */
async function shipHalves<Item>(
  world: InstanceWorld,
  shipment: Shipment<Item>,
): Promise<Map<string, Settlement>> {
  const middle = Math.ceil(shipment.items.length / 2);
  const halves = [shipment.items.slice(0, middle), shipment.items.slice(middle)];
  const settlements = new Map<string, Settlement>();
  for (const items of halves) {
    for (const [handle, settlement] of await ship(world, { ...shipment, items })) {
      settlements.set(handle, settlement);
    }
  }
  return settlements;
}

function settleAll<Item>(
  { items, handleOf }: Shipment<Item>,
  settlement: Settlement,
): Map<string, Settlement> {
  return new Map(items.map((item) => [handleOf(item), settlement]));
}
