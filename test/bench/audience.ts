// How fast audiences are computed and kept right, on a generated shop. Prints JSON; how to read it and
// what was found is told in docs/performance.md. Run: npm run bench:audience -- --help
import { hasService } from '../support/services.ts';
import { measure } from './audience/measure.ts';
import { readOptions, usage } from './audience/options.ts';
import { createProgress } from './progress.ts';

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  const options = readOptions(process.argv.slice(2));
  const progress = createProgress(process.stderr);
  const reports: object[] = [];
  for (const kind of options.stores) {
    if (kind === 'postgresql' && !(await hasService('postgres'))) {
      process.stderr.write('postgresql: there is none, left out\n');
      continue;
    }
    reports.push(await measure(kind, options, progress));
  }
  console.log(JSON.stringify(reports, null, 2));
}
