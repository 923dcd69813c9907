// What a person said and did, the newest first. Where her events lie is read once, subject by subject, and
// takes 16 bytes for each; the events themselves are read a page at a time.
import { isDecision } from '../../standardise/decision-record.ts';
import { decodePayload } from '../../standardise/payload-codec.ts';
import { isReduced } from '../../standardise/reduced-record.ts';
import { nameOf } from '../../standardise/standardise.ts';
import { isoTime, type Queryable } from '../../store/store.ts';
import * as plans from './plans.ts';
import { tell, type Items } from './tell.ts';

const pageSize = 500;
const placesAtOnce = 5_000;

interface EventRow {
  type: string;
  at: number;
  number: number;
  source: string;
  received_at: number;
  key_id: number;
  payload: Uint8Array;
}

/** Records that said who she is. @param hashes of her identifiers that are no device. */
export async function* eachStatement(reader: Queryable, hashes: readonly string[]): Items {
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = await reader.query<EventRow>(plans.selectIdentifies, [hashes, before, pageSize]);
    for (const row of page) yield itemOf(row);
    const last = page.at(-1);
    if (last === undefined) return;
    before = last.number;
  }
}

export async function* eachEvent(reader: Queryable, subjects: readonly Subject[]): Items {
  const numbers = await numbersOf(reader, subjects);
  for (let start = 0; start < numbers.length; start += pageSize) {
    const page = [...numbers.subarray(start, start + pageSize)];
    for (const row of await reader.query<EventRow>(plans.selectEventsAt, [page])) yield itemOf(row);
  }
}

function itemOf({ type, at, number, source, received_at, key_id, payload }: EventRow) {
  const stored = decodePayload({ keyId: key_id, bytes: payload });
  const received = isReduced(stored) ? undefined : stored;
  const name = isReduced(stored) || isDecision(stored) ? '' : nameOf(stored);
  return tell({ at, type, name, source, receivedAt: received_at, number, received });
}

/** An identifier that facts hang on, and when it was hers. */
interface Subject {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

interface Place {
  readonly type: string;
  readonly name: string;
  readonly at: number;
  readonly number: number;
}

/** The newest first. */
async function numbersOf(
  reader: Queryable,
  subjects: readonly Subject[],
): Promise<Float64Array<ArrayBuffer>> {
  const times: number[] = [];
  const numbers: number[] = [];
  for (const subject of subjects) {
    for await (const { at, number } of placesOf(reader, subject)) {
      times.push(at);
      numbers.push(number);
    }
  }
  const order = Uint32Array.from(numbers, (_, place) => place);
  order.sort((one, other) => {
    const later = (times[other] ?? 0) - (times[one] ?? 0);
    return later === 0 ? (numbers[other] ?? 0) - (numbers[one] ?? 0) : later;
  });
  return Float64Array.from(order, (place) => numbers[place] ?? 0);
}

async function* placesOf(
  reader: Queryable,
  { id, from, to }: Subject,
): AsyncGenerator<Place, void> {
  let after: Place = { type: '', name: '', at: -Infinity, number: 0 };
  for (;;) {
    const page = await reader.query<Place>(plans.selectFactPlaces, [
      id,
      isoTime(from),
      isoTime(to),
      after.type,
      after.name,
      isoTime(after.at),
      after.number,
      placesAtOnce,
    ]);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < placesAtOnce) return;
    after = last;
  }
}
