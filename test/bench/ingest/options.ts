// What a run of the ingest benchmark is asked for, from the command line.
import { parseArgs } from 'node:util';

export type StoreKind = 'embedded' | 'postgresql';

export interface IngestOptions {
  readonly stores: readonly StoreKind[];
  /** Events at full speed, in all rounds together. */
  readonly events: number;
  /** Rounds at full speed, with the plain table measured before, between and after. */
  readonly rounds: number;
  /** People who are in the store before. */
  readonly profiles: number;
  /** Numbers of people to compare the cost per event over; empty: not asked for. */
  readonly flat: readonly number[];
  /** Only measure at a fixed rate, while audiences over all profiles are computed. */
  readonly computing: boolean;
  /** Events per second offered in the second run; undefined: half of what the first one reached. */
  readonly rate: number | undefined;
  /** Seconds of the run at a fixed rate; 0: none. */
  readonly rateSeconds: number;
  /** Events in one request. */
  readonly batch: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly gzip: boolean;
  /** A folder for processor profiles of the hub. */
  readonly profile: string | undefined;
  /** Also tells what each statement took in all. */
  readonly statements: boolean;
}

export const usage = `npm run bench:ingest -- [options]
  --store embedded|postgresql|both   default both; postgresql is skipped where there is none
  --events N         events at full speed, in all rounds together, default 30000
  --rounds N         rounds at full speed, each between two looks at the plain table, default 3
  --profiles N       people in the store before, default 10000
  --flat N,N,...     compare the cost per event over so many people, e.g. 10000,100000,1000000
  --computing        only send at a fixed rate while audiences over all profiles are computed
  --rate N           events per second of the second run, default half of what was reached
  --rate-seconds N   how long that run takes, default 15, 0 leaves it out
  --batch N          events in one request, default 100
  --concurrency N    requests under way at once, default 16
  --gzip             compress bodies
  --statements       tell what each statement took in all
  --profile FOLDER   write processor profiles of the hub there`;

export function readOptions(args: readonly string[]): IngestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: 'string', default: 'both' },
      events: { type: 'string', default: '30000' },
      rounds: { type: 'string', default: '3' },
      profiles: { type: 'string', default: '10000' },
      flat: { type: 'string', default: '' },
      computing: { type: 'boolean', default: false },
      rate: { type: 'string' },
      'rate-seconds': { type: 'string', default: '15' },
      batch: { type: 'string', default: '100' },
      concurrency: { type: 'string', default: '16' },
      gzip: { type: 'boolean', default: false },
      profile: { type: 'string' },
      statements: { type: 'boolean', default: false },
    },
  });
  return {
    stores: storesOf(values.store),
    events: numberOf('events', values.events),
    rounds: Math.max(1, numberOf('rounds', values.rounds)),
    profiles: numberOf('profiles', values.profiles),
    flat: values.flat === '' ? [] : values.flat.split(',').map((text) => numberOf('flat', text)),
    computing: values.computing,
    rate: values.rate === undefined ? undefined : numberOf('rate', values.rate),
    rateSeconds: numberOf('rate-seconds', values['rate-seconds']),
    batch: numberOf('batch', values.batch),
    concurrency: numberOf('concurrency', values.concurrency),
    gzip: values.gzip,
    profile: values.profile,
    statements: values.statements,
  };
}

function storesOf(text: string): StoreKind[] {
  if (text === 'both') return ['embedded', 'postgresql'];
  if (text === 'embedded' || text === 'postgresql') return [text];
  throw new Error(`--store: found "${text}", expected embedded, postgresql or both.\n${usage}`);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name}: found "${text}", expected a whole number.\n${usage}`);
}
