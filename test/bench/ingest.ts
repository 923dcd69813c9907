// How fast events go from a client's request to the memberships they change, and how that compares to
// putting the same events into one table. Prints JSON; progress goes to standard error.
// Run: npm run bench:ingest -- --help
import { arch, availableParallelism, totalmem } from 'node:os';
import { hasService } from '../support/services.ts';
import { measure, type Measurement } from './ingest/measure.ts';
import { readOptions, usage } from './ingest/options.ts';

if (process.argv.includes('--help')) {
  console.log(usage);
  process.exit(0);
}

const options = readOptions(process.argv.slice(2));
const tell = (line: string): void => console.error(line);
const sizes = options.flat.length > 0 ? options.flat : [options.profiles];
const measurements: Measurement[] = [];
for (const store of options.stores) {
  if (store === 'postgresql' && !(await hasService('postgres'))) continue;
  for (const profiles of sizes) measurements.push(await measure(store, profiles, options, tell));
}
const { batch, concurrency, gzip, computing } = options;
const machine = {
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  architecture: arch(),
  node: process.version,
};
console.log(
  JSON.stringify({ machine, batch, concurrency, gzip, computing, measurements }, null, 2),
);
