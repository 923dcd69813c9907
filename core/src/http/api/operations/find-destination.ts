// The destination that a path names, or the problem that there is none.
import type { Hub } from '../../hub-reads.ts';
import type { DestinationView } from '../../operator-reads.ts';
import { unknownName } from '../unknown.ts';

/** Throws INSTANCE_UNKNOWN. */
export async function findDestination(hub: Hub, id: string): Promise<DestinationView> {
  const all = await hub.destinations.list();
  const found = all.find((item) => item.id === id);
  if (found) return found;
  const known = all.map((item) => item.id);
  throw unknownName('INSTANCE_UNKNOWN', id, known);
}

/** Throws INSTANCE_UNKNOWN. */
export async function checkDestination(hub: Hub, id: string): Promise<void> {
  await findDestination(hub, id);
}
