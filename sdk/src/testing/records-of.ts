// The records of all pages, in their order.
import type { SourceRecord } from '../record.ts';
import type { SourcePage } from '../source.ts';

export function recordsOf(pages: readonly SourcePage[]): SourceRecord[] {
  return pages.flatMap(({ records }) => records);
}
