// `npm run soak -- --minutes 10 --times 144 --seed 1 --visits 20 --kills 5`: prints readings while it works and its
// figures as JSON at the end; exit code 1 when something was wrong.
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

/** MiB of heap per hour of the hub's clock. A leak of a kilobyte per visit would be ten times as much. */
const steepest = 0.5;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    times: { type: 'string', default: '144' },
    seed: { type: 'string', default: '1' },
    visits: { type: 'string', default: '20' },
    kills: { type: 'string', default: '5' },
  },
});

// What was started is ended by whoever hears of the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const figures = await soak({
  minutes: Number(values.minutes),
  times: Number(values.times),
  seed: Number(values.seed),
  visitsPerMinute: Number(values.visits),
  kills: Number(values.kills),
  onSample({ hours, heap, rss }, share) {
    const words = `hour ${hours.toFixed(1)}: heap ${heap.toFixed(1)} MiB, resident ${rss.toFixed(0)} MiB`;
    process.stderr.write(`[${String(Math.round(share * 100)).padStart(3)} %] ${words}\n`);
  },
});
console.log(JSON.stringify(figures, null, 2));
const isSteep = figures.heapSlope > steepest;
if (isSteep) console.error(`the heap grows by ${figures.heapSlope} MiB an hour`);
process.exitCode = figures.complaints.length > 0 || isSteep ? 1 : 0;
