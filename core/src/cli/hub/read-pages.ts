// Follows the pages of a list: so many items as were asked for, or all there are.
import { isJsonObject } from '@tributary/sdk';
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

/** One page is the hub's answer as it is; several are put together as `items`. */
export async function readPages(
  operation: Operation,
  call: HubCall,
  wanted: number,
  hub: HubClient,
): Promise<unknown> {
  const cursor = membersOf(operation.query).find(
    ({ name }) => name === 'after' || name === 'before',
  );
  const items: unknown[] = [];
  for (let next: unknown; ;) {
    const limit = Math.min(pageSize, wanted - items.length);
    const place = next === undefined ? {} : { [cursor?.name ?? 'after']: next };
    const answer = await hub.call(operation, {
      ...call,
      query: { ...call.query, limit, ...place },
    });
    const page: unknown = memberAt(answer, 'items');
    if (!isJsonObject(answer) || !Array.isArray(page)) return answer;
    if (next === undefined && (answer['next'] === undefined || page.length >= wanted))
      return answer;
    items.push(...Array.from<unknown>(page));
    next = answer['next'];
    if (next === undefined || items.length >= wanted) return { items };
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
