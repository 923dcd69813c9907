// What a run of the audience benchmark is asked for, from the command line.
import { parseArgs } from 'node:util';
import type { ShopSize } from './shop.ts';

export type StoreKind = 'embedded' | 'postgresql';

export interface AudienceBenchOptions {
  readonly stores: readonly StoreKind[];
  readonly size: Readonly<Record<StoreKind, ShopSize>>;
  /** Audiences that are kept right while events arrive. */
  readonly audiences: number;
  /** Events that arrive at full speed. */
  readonly updates: number;
  /** Events per second offered in the run that takes times; undefined: half of what was reached. */
  readonly rate: number | undefined;
  /** Seconds of that run; 0: none. */
  readonly rateSeconds: number;
  /** False: the analyst's statements are left out. */
  readonly plain: boolean;
  /** A schema of PostgreSQL that is filled where it is empty, and kept. */
  readonly schema: string | undefined;
  /** Also tells what each statement took in all. */
  readonly statements: boolean;
}

export const usage = `npm run bench:audience -- [options]
  --store embedded|postgresql|both   default both; postgresql is skipped where there is none
  --profiles N       people in the store, default 20000 (postgresql 100000)
  --events N         events in the store, default 20 per person
  --full             the sizes of docs/performance.md: 50,000 people with 1,000,000 events embedded,
                     1,000,000 people with 20,000,000 events on PostgreSQL
  --audiences N      audiences that are kept right while events arrive, default 200
  --updates N        events that arrive at full speed, default 10000
  --rate N           events per second of the run that takes times, default half of what was reached
  --rate-seconds N   how long that run takes, default 15, 0 leaves it out
  --no-plain         leave the hand-written SQL out
  --schema NAME      a schema of PostgreSQL that is filled where it is missing, and kept
  --statements       tell what each statement took in all`;

const eventsPerPerson = 20;
const usual = { embedded: 20_000, postgresql: 100_000 };
const full = { embedded: 50_000, postgresql: 1_000_000 };

export function readOptions(args: readonly string[]): AudienceBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      store: { type: 'string', default: 'both' },
      profiles: { type: 'string' },
      events: { type: 'string' },
      full: { type: 'boolean', default: false },
      audiences: { type: 'string', default: '200' },
      updates: { type: 'string', default: '10000' },
      rate: { type: 'string' },
      'rate-seconds': { type: 'string', default: '15' },
      plain: { type: 'boolean', default: true },
      schema: { type: 'string' },
      statements: { type: 'boolean', default: false },
    },
  });
  const sizeOf = (kind: StoreKind): ShopSize => {
    const profiles = optional('profiles', values.profiles) ?? (values.full ? full : usual)[kind];
    return { profiles, events: optional('events', values.events) ?? profiles * eventsPerPerson };
  };
  return {
    stores: storesOf(values.store),
    size: { embedded: sizeOf('embedded'), postgresql: sizeOf('postgresql') },
    audiences: numberOf('audiences', values.audiences),
    updates: numberOf('updates', values.updates),
    rate: optional('rate', values.rate),
    rateSeconds: numberOf('rate-seconds', values['rate-seconds']),
    plain: values.plain,
    schema: values.schema,
    statements: values.statements,
  };
}

function storesOf(text: string): StoreKind[] {
  if (text === 'both') return ['embedded', 'postgresql'];
  if (text === 'embedded' || text === 'postgresql') return [text];
  throw new Error(`--store: found "${text}", expected embedded, postgresql or both.\n${usage}`);
}

function optional(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOf(name, text);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name}: found "${text}", expected a whole number.\n${usage}`);
}
