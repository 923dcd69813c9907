// Traits that were set on devices while a profile owned them: rows, however many. Whoever has few of them is
// read beside others; whoever has many is read alone, page by page, each folded before the next is asked for.
import type { JsonObject } from '@tributary/sdk';
import { isoTime, type Queryable } from '../store/store.ts';
import { stateOf, type TraitFold } from './fold-traits.ts';
import { selectDeviceTraits, selectDeviceTraitsAfter, selectSpans } from './plans.ts';
import type { ProfileSettings } from './settings.ts';

interface DeviceTraitRow {
  at: number;
  message_hash: string;
  source: string;
  number: number;
  properties: JsonObject;
}

/** Of one profile, where those of several are read at once. */
const mostBesideOthers = 100;
/** Of one profile, where it is read alone. */
const pageRows = 500;
/** Spans that a page reads from. */
const pageSpans = 50;

export async function foldDeviceTraits(
  queryable: Queryable,
  profileIds: readonly string[],
  foldOf: (profileId: string) => TraitFold,
  settings: ProfileSettings,
): Promise<void> {
  const rows = await queryable.query<DeviceTraitRow & { profile_id: string }>(selectDeviceTraits, [
    profileIds,
    mostBesideOthers + 1,
  ]);
  for (const [id, found] of Map.groupBy(rows, (row) => row.profile_id)) {
    const fold = foldOf(id);
    if (found.length > mostBesideOthers) await foldPages(queryable, id, fold, settings);
    else for (const row of found) joinRow(fold, row, settings);
  }
}

interface Span {
  subject_id: number;
  from_at: number;
  to_at: number;
}

/** A span, and the last row that was read of it. */
interface BegunSpan extends Span {
  readonly afterAt: number;
  readonly afterNumber: number;
}

async function foldPages(
  queryable: Queryable,
  profileId: string,
  fold: TraitFold,
  settings: ProfileSettings,
): Promise<void> {
  const spans = await queryable.query<Span>(selectSpans, [profileId]);
  let open = spans.map((span) => ({ ...span, afterAt: span.from_at, afterNumber: -1 }));
  while (open.length > 0) {
    const begun = await foldPage(queryable, open.slice(0, pageSpans), fold, settings);
    open = [...begun, ...open.slice(pageSpans)];
  }
}

/** @returns those of the spans that have more. */
async function foldPage(
  queryable: Queryable,
  spans: readonly BegunSpan[],
  fold: TraitFold,
  settings: ProfileSettings,
): Promise<BegunSpan[]> {
  const most = Math.floor(pageRows / spans.length);
  const rows = await queryable.query<DeviceTraitRow & { place: number }>(selectDeviceTraitsAfter, [
    spans.map((span) => span.subject_id),
    spans.map((span) => isoTime(span.to_at)),
    spans.map((span) => isoTime(span.afterAt)),
    spans.map((span) => span.afterNumber),
    most,
  ]);
  for (const row of rows) joinRow(fold, row, settings);
  const found = Map.groupBy(rows, (row) => row.place - 1);
  return spans.flatMap((span, place) => {
    const of = found.get(place) ?? [];
    const last = of.at(-1);
    if (last === undefined || of.length < most) return [];
    return [{ ...span, afterAt: last.at, afterNumber: last.number }];
  });
}

function joinRow(fold: TraitFold, row: DeviceTraitRow, settings: ProfileSettings): void {
  const { at, message_hash: messageHash, source, number } = row;
  fold.join(stateOf(row.properties, { at, messageHash, source, number }, settings));
}
