// Asks the vendor how a job with actions stands.
import { isoTime } from '../../store/store.ts';
import type { ContactIdentifier } from '../plan/contacts.ts';
import { isKeyFailure, vendorKeyOf } from '../plan/vendor-keys.ts';
import { pollJob } from '../send/poll-job.ts';
import type { InstanceWorld } from '../world.ts';
import { claimActionJob, selectActionIdentifiers, selectDueActionJob } from './plans.ts';
import { settleActions, type ActionRow } from './settle-actions.ts';

/** True when a job was asked about. */
export async function pollActions(world: InstanceWorld): Promise<boolean> {
  const now = world.clock.now();
  const [due] = await world.store.query<{ job: string }>('gate', selectDueActionJob, [
    world.id,
    isoTime(now),
  ]);
  if (due === undefined) return false;
  const [rows, identifiers] = await world.store.transaction('gate', async (transaction) => {
    const again = isoTime(now + world.limits.timeoutMs + world.limits.pollAfterMs);
    const claimed = await transaction.query<ActionRow>(claimActionJob, [world.id, due.job, again]);
    const ids = claimed.map((row) => row.identifierId);
    return [claimed, await transaction.query<ContactIdentifier>(selectActionIdentifiers, [ids])];
  });
  const known = new Map(identifiers.map((row) => [row.id, row]));
  const deliveries = rows.map((row) => ({ handle: row.id, ...addressOf(world, known, row) }));
  await settleActions(world, 'polling', await pollJob(world, due.job, deliveries));
  return true;
}

/** Somebody erased meanwhile has no address any more; her job may still be asked about by handle. */
function addressOf(
  world: InstanceWorld,
  known: ReadonlyMap<number, ContactIdentifier>,
  row: ActionRow,
): {
  readonly key: string;
  readonly identifier: { readonly namespace: string; readonly value: string };
} {
  const identifier = known.get(row.identifierId);
  if (identifier === undefined) return { key: '', identifier: { namespace: '', value: '' } };
  const key = vendorKeyOf(world, identifier);
  const { namespace, value } = identifier;
  return { key: isKeyFailure(key) ? '' : key.key, identifier: { namespace, value } };
}
