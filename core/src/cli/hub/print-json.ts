// Pages as one JSON document, printed as they come: a list may be longer than memory.
import type { SafeTerminal } from '../terminal.ts';
import type { AnsweredPage } from './read-pages.ts';
import { memberAt } from './table.ts';

/** A single page is the hub's answer as it is; several are put together as `items`. */
export async function printJson(
  pages: AsyncIterable<AnsweredPage>,
  terminal: SafeTerminal,
): Promise<void> {
  let isOpen = false;
  // The last one has no comma, and which it is tells the next page, which may be empty.
  let held: string | undefined;
  for await (const { answer, hasMore } of pages) {
    if (!isOpen && !hasMore) return terminal.out(JSON.stringify(answer, undefined, 2));
    if (!isOpen) ['{', '  "items": ['].forEach((line) => terminal.out(line));
    isOpen = true;
    for (const item of itemsOf(answer)) {
      if (held !== undefined) terminal.out(`${held},`);
      held = JSON.stringify(item, undefined, 2).replaceAll(/^/gm, '    ');
    }
  }
  if (held !== undefined) terminal.out(held);
  ['  ]', '}'].forEach((line) => terminal.out(line));
}

function itemsOf(answer: unknown): readonly unknown[] {
  const items = memberAt(answer, 'items');
  return Array.isArray(items) ? items : [];
}
