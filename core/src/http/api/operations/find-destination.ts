// The destination that a path names, or the problem that there is none.
import type { Hub } from '../../hub-reads.ts';
import type { DestinationView } from '../../operator-reads.ts';
import { ApiProblem } from '../problem.ts';

/** Throws INSTANCE_UNKNOWN. */
export async function findDestination(hub: Hub, id: string): Promise<DestinationView> {
  const found = (await hub.destinations.list()).find((item) => item.id === id);
  if (found) return found;
  throw new ApiProblem('INSTANCE_UNKNOWN', {
    detail: 'GET /api/destinations lists those there are.',
  });
}

/** Throws INSTANCE_UNKNOWN. */
export async function checkDestination(hub: Hub, id: string): Promise<void> {
  await findDestination(hub, id);
}
