// The destination that a path names, or the problem that there is none.
import type { Hub } from '../../hub-reads.ts';
import type { DestinationView } from '../../operator-reads.ts';
import { ApiProblem } from '../problem.ts';
import { unknownName } from '../unknown.ts';

/** Throws INSTANCE_UNKNOWN. */
export async function findDestination(hub: Hub, id: string): Promise<DestinationView> {
  const all = await hub.destinations.list();
  const found = all.find((item) => item.id === id);
  if (found) return found;
  const known = all.map((item) => item.id);
  throw unknownName('INSTANCE_UNKNOWN', id, known);
}

/** Before anything is done with it. Throws INSTANCE_UNKNOWN, and DESTINATION_STOPPED where it did not open. */
export async function checkDestination(hub: Hub, id: string): Promise<void> {
  const { state, code } = await findDestination(hub, id);
  if (state !== 'stopped') return;
  throw new ApiProblem('DESTINATION_STOPPED', {
    detail: `Found that ${id} did not open (${code}), expected that it runs. Mend it and apply the config again.`,
  });
}
