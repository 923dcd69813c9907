// What a source hands on because its plugin cannot read it (`unreadableRecord` of the SDK): the item is kept as it
// came, so that the plugin can be asked once more.
import { isJsonObject } from '@tributary/sdk';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';

/** Undefined: it is a record, or means to be one. */
export function unreadableItem(emitted: unknown): { readonly item: unknown } | undefined {
  if (!isJsonObject(emitted) || emitted['type'] !== 'unreadable') return undefined;
  return { item: emitted['item'] };
}

export function unreadableProblem(source: string): RecordProblem {
  const found = 'an item that its plugin cannot read';
  return recordProblem(
    'RECORD_UNREADABLE',
    `source ${source}`,
    found,
    'Mend the plugin and replay.',
  );
}
