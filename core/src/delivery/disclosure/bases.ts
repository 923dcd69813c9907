// On which legal basis each delivery was let through, from the gate to the transaction that settles it. Whom a
// call will show is committed when the gate lets it pass: a process that dies during the call has no answer
// to write down, and an erasure must reach its person all the same.
import type { PurposeBasis } from '../../consent/read.ts';
import type { Transaction } from '../../store/store.ts';
import type { GateFinding } from '../send/ship.ts';
import type { InstanceWorld } from '../world.ts';

export type BasesByHandle = Map<string, readonly PurposeBasis[]>;
export type ReadonlyBases = ReadonlyMap<string, readonly PurposeBasis[]>;

type Gate<Item> = (items: readonly Item[]) => Promise<ReadonlyMap<string, GateFinding>>;

export interface DisclosingGate<Item> {
  readonly gate: Gate<Item>;
  /** The last that the gate found stands. */
  readonly bases: BasesByHandle;
  /** Writes whom the handles that pass show. */
  readonly disclose: (transaction: Transaction, passed: ReadonlyBases) => Promise<void>;
}

/** The same gate; what it lets pass is written down before it says so. */
export function disclosingGate<Item>(
  world: InstanceWorld,
  { gate, bases, disclose }: DisclosingGate<Item>,
): Gate<Item> {
  return async (items) => {
    const findings = await gate(items);
    const passed: BasesByHandle = new Map();
    for (const [handle, finding] of findings) {
      if (finding.pass) passed.set(handle, finding.bases);
    }
    for (const [handle, own] of passed) bases.set(handle, own);
    if (passed.size > 0 && !world.settings.dryRun) {
      await world.store.transaction('gate', (transaction) => disclose(transaction, passed));
    }
    return findings;
  };
}
