// Follows the pages of a list: so many items as were asked for, or all there are.
import { type Operation, membersOf } from '../../http/operations-table.ts';
import { UsageError, type CommandInput, type CommandOption } from '../command.ts';
import type { HubCall, HubClient } from './hub-client.ts';
import { memberAt } from './table.ts';

const pageSize = 1_000;
const defaultLimit = 100;

export const pagingOptions: Readonly<Record<string, CommandOption>> = {
  limit: { type: 'string', value: 'NUMBER', description: `items at most; default ${defaultLimit}` },
  all: { type: 'boolean', description: 'every item, page after page' },
};

export interface AnsweredPage {
  /** The hub's answer as it is, with `items` where it is a page. */
  readonly answer: unknown;
  /** Another page follows. */
  readonly hasMore: boolean;
}

/** An answer that is no page is the only one. */
export async function* readPages(
  operation: Operation,
  call: HubCall,
  wanted: number,
  hub: HubClient,
): AsyncGenerator<AnsweredPage> {
  const cursor = membersOf(operation.query).find(
    ({ name }) => name === 'after' || name === 'before',
  );
  let count = 0;
  for (let next: unknown; ;) {
    const limit = Math.min(pageSize, wanted - count);
    const place = next === undefined ? {} : { [cursor?.name ?? 'after']: next };
    const answer = await hub.call(operation, {
      ...call,
      query: { ...call.query, limit, ...place },
    });
    const page: unknown = memberAt(answer, 'items');
    if (Array.isArray(page)) count += page.length;
    next = Array.isArray(page) ? memberAt(answer, 'next') : undefined;
    const hasMore = next !== undefined && count < wanted;
    yield { answer, hasMore };
    if (!hasMore) return;
  }
}

/** Throws `UsageError`. */
export function readWanted(input: CommandInput, all = input.flag('all')): number {
  const text = input.text('limit');
  if (text === undefined) return all ? Infinity : defaultLimit;
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: found "${text}", expected a whole number above 0.`);
}
