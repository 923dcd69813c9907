// A small tea shop as a source: enough life to see every part of the hub at work.
import { defineSource, isJsonObject, type JsonValue, type SourcePage } from '@tributary/sdk';
import { defaults, settings } from './settings.ts';
import { createShop, type Moment } from './shop.ts';

export { createShop, type Moment, type ShopSettings } from './shop.ts';

/** Records of one page; history comes in one moment and is cut into pages. */
const pageRecords = 200;

interface Place {
  /** Records that the hub has, counted from the first. */
  readonly records: number;
  /** Shop time of the last of them, milliseconds after the opening. */
  readonly at: number;
  /** Where moment 0 lay when the shop first opened; history is dated from here. */
  readonly opensAt: number;
}

export default defineSource<typeof settings>({
  name: 'demo',
  title: 'Demo shop',
  settings,
  async *stream({ settings: given, clock, signal, checkpoint }) {
    const { records: done, at: resumeAt, opensAt: opened } = placeOf(checkpoint, clock.now());
    // After a pause the shop goes on where it closed, without making up for the time between.
    const opensAt = done === 0 ? opened : clock.now() - resumeAt;
    let sent = 0;
    for (const moment of createShop({ ...defaults, ...given }, opensAt)) {
      const before = sent;
      sent += moment.records.length;
      if (sent <= done) continue;
      if (signal.aborted) return;
      const wait = opensAt + moment.at - clock.now();
      if (wait > 0) await clock.sleep(wait, signal);
      yield* pagesOf(moment, before, Math.max(0, done - before), opened);
    }
  },
});

function* pagesOf(
  { at, records }: Moment,
  before: number,
  skip: number,
  opensAt: number,
): Generator<SourcePage> {
  for (let from = skip; from < records.length; from += pageRecords) {
    const page = records.slice(from, from + pageRecords);
    yield { records: page, checkpoint: { records: before + from + page.length, at, opensAt } };
  }
}

function placeOf(checkpoint: JsonValue | undefined, now: number): Place {
  if (checkpoint === undefined || !isJsonObject(checkpoint))
    return { records: 0, at: 0, opensAt: now };
  const number = (field: string, otherwise: number): number => {
    const value = checkpoint[field];
    return typeof value === 'number' ? value : otherwise;
  };
  return { records: number('records', 0), at: number('at', 0), opensAt: number('opensAt', now) };
}
