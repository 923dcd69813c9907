// `npm run fault -- --store embedded|server|both --kills 50 --seed 1 [--bug NAME] [--check-every 10]
// [--processes 2]`:
// prints a bar while it works and its figures as JSON at the end; exit code 1 when something was wrong.
import { parseArgs } from 'node:util';
import { bugs } from './bugs.ts';
import type { StoreKind } from './ground.ts';
import { runFaults, type Figures } from './run.ts';
import { isWrong } from './verdict.ts';

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'both' },
    kills: { type: 'string', default: '120' },
    seed: { type: 'string' },
    bug: { type: 'string' },
    people: { type: 'string', default: '250' },
    processes: { type: 'string', default: '1' },
    'check-every': { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

// What was started is ended by whoever hears of the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

if (values.help) {
  console.log(`npm run fault -- [--store embedded|server|both] [--kills 120] [--seed N] [--people 250]
  [--check-every 10] [--processes 1|2 (on a server)] [--bug ${bugs.map(({ name }) => name).join('|')}]`);
} else {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const all: Figures[] = [];
  const isShared = values.processes === '2';
  for (const store of storesOf(isShared ? 'server' : values.store)) {
    console.error(
      `${store} store, seed ${seed}: repeat with --store ${store} --seed ${seed} --kills ${values.kills}`,
    );
    const figures = await runFaults({
      store,
      seed,
      kills: Number(values.kills),
      mostPeople: Number(values.people),
      processes: isShared ? 2 : 1,
      checkEvery: Number(values['check-every']),
      ...(values.bug === undefined ? {} : { bug: values.bug }),
      onLife: showBar,
    });
    process.stderr.write('\n');
    all.push(figures);
  }
  console.log(JSON.stringify(all, null, 2));
  // The clients' libraries would go on trying to be heard.
  process.exit(all.some(isWrong) ? 1 : 0);
}

function storesOf(given: string): readonly StoreKind[] {
  if (given === 'embedded' || given === 'server') return [given];
  return ['embedded', 'server'];
}

function showBar(done: number, all: number, what: string): void {
  const width = 30;
  const full = Math.round((done / all) * width);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${done}/${all} ${what}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${bar.slice(0, 150)}`);
  else process.stderr.write(`${bar}\n`);
}
