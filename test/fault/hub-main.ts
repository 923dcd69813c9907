// The hub as its command line starts it, with failpoints around it. Nothing in the hub knows of them:
// they hang on the database client, on Node's own channels and on the loader of modules.
import { bugNamed } from './bugs.ts';
import { createFailpoints } from './inside/failpoint.ts';
import { moveClock } from './inside/move-clock.ts';
import { plantBug } from './inside/plant-bug.ts';
import { watchDatabase } from './inside/watch-database.ts';
import { watchExchanges } from './inside/watch-exchanges.ts';
import { readOrders } from './orders.ts';

const orders = readOrders(process.env);
if (orders !== undefined) {
  const failpoints = createFailpoints(orders);
  let stopping = false;
  process.prependListener('SIGTERM', () => {
    stopping = true;
    failpoints.pass('stop-asked');
  });
  watchDatabase(failpoints, () => stopping);
  watchExchanges(failpoints);
  if (orders.clock !== undefined) {
    moveClock(orders.clock, () => failpoints.troubled('clock'));
  }
  if (orders.bug !== undefined) plantBug(bugNamed(orders.bug));
}

const { main } = await import('../../core/src/cli/main.ts');
process.exitCode = await main(process.argv.slice(2));
