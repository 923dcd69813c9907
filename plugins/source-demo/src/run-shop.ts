// Lets the shop's time pass with the clock, in pages that the hub commits one by one.
import { isJsonObject, type Clock, type JsonValue, type SourcePage } from '@tributary/sdk';
import { createShop, type Moment, type ShopSettings } from './shop.ts';

/** Records of one page, as many as are due. */
const pageRecords = 200;

/** How far the hub has come with the shop. */
interface Place {
  /** The settings that the shop was opened with: with others it opens anew. */
  readonly shop: string;
  /** When it opened, milliseconds since 1970. */
  readonly opensAt: number;
  /** Records that the hub has, counted from the first. */
  readonly records: number;
  /** Shop time of the last of them, milliseconds after the opening. */
  readonly at: number;
}

export interface ShopWorld {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly checkpoint: JsonValue | undefined;
}

type Due = Moment['records'][number];

export async function* runShop(
  settings: ShopSettings,
  { clock, signal, checkpoint }: ShopWorld,
): AsyncGenerator<SourcePage> {
  const place = placeOf(checkpoint, settings, clock.now());
  // After a pause the shop goes on where it closed, without making up for the time between.
  const pausedMs = clock.now() - place.opensAt - place.at;
  let { records, at } = place;
  let due: Due[] = [];
  const page = (): SourcePage => {
    const filled = { records: due, checkpoint: { ...place, records, at } };
    due = [];
    return filled;
  };
  for (const moment of remaining(settings, place)) {
    const wait = place.opensAt + pausedMs + moment.at - clock.now();
    if (wait > 0 && due.length > 0) yield page();
    if (signal.aborted) return;
    if (wait > 0) await clock.sleep(wait, signal);
    for (const record of moment.records) {
      due.push(record.historical === true ? record : later(record, pausedMs));
      records += 1;
      at = moment.at;
      if (due.length >= pageRecords) yield page();
    }
  }
}

/** The moments that the hub does not have yet; of the first of them the records that it does not have. */
function* remaining(settings: ShopSettings, { opensAt, records }: Place): Generator<Moment> {
  let had = records;
  for (const moment of createShop(settings, opensAt)) {
    if (had < moment.records.length) yield { ...moment, records: moment.records.slice(had) };
    had = Math.max(0, had - moment.records.length);
  }
}

function later(record: Due, pausedMs: number): Due {
  const { timestamp } = record;
  return typeof timestamp === 'number'
    ? { ...record, timestamp: Math.round(timestamp + pausedMs) }
    : record;
}

function placeOf(checkpoint: JsonValue | undefined, settings: ShopSettings, now: number): Place {
  const { seed, customers, visitsPerMinute, backfillDays } = settings;
  const shop = [seed, customers, visitsPerMinute, backfillDays].join('/');
  const anew = { shop, opensAt: now, records: 0, at: 0 };
  if (!isJsonObject(checkpoint) || checkpoint['shop'] !== shop) return anew;
  const { opensAt, records, at } = checkpoint;
  const isPlace =
    typeof opensAt === 'number' && typeof records === 'number' && typeof at === 'number';
  return isPlace ? { shop, opensAt, records, at } : anew;
}
