// Destinations that config enables and that did not open: what waits for them waits on, and is in the books.
import { readStored, type StoredStatus } from '../../delivery/status.ts';
import type { InstanceProblem } from '../../plugins/runtime.ts';
import { readerOf, type Rooms } from './rooms.ts';

export interface UnopenedDestination {
  readonly problem: InstanceProblem;
  readonly stored: StoredStatus;
}

export async function readUnopened({
  config,
  plugins,
  store,
}: Pick<Rooms, 'config' | 'plugins' | 'store'>): Promise<UnopenedDestination[]> {
  const found = plugins.problems.filter(({ instance }) => config.destinations.has(instance));
  return Promise.all(
    found.map(async (problem) => ({
      problem,
      stored: await readStored(readerOf(store), problem.instance),
    })),
  );
}
