// One batch in as many requests as it takes: SendGrid refuses a whole request for one bad contact, so
// what a refusal names is rejected, what it does not name is found by halving, and the rest is sent.
// Each item ends with exactly one outcome, also when a later request fails.
import { isPluginError, outcomeOfError, outcomeOfUnsent, type Outcome } from '@tributary/sdk';
import { withoutAddresses, type SendgridAnswer, type VendorError } from './client.ts';

export type Refusal = SendgridAnswer & { readonly taken: false };
export type PartResult<Item> =
  | { readonly kind: 'settled'; readonly outcomes: ReadonlyMap<Item, Outcome> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Parts<Item> {
  readonly items: readonly Item[];
  /** Most items in one request. */
  readonly most: number;
  send(items: readonly Item[]): Promise<PartResult<Item>>;
  /** The part of the vendor's words that is about the item at this place of the request. Default: none. */
  named?(item: Item, errors: readonly VendorError[], place: number): string | undefined;
  /** True when the call has had effects already, so that a failure may not stand for the whole of it. */
  readonly hasBegun?: boolean;
}

/** Halving a thousand down to one takes ten; this leaves room for several bad ones. */
const mostRequests = 60;

/**
 * @throws `PluginError` of the first request when it surely had no effect: then nothing happened at all.
 */
export async function sendInParts<Item>(parts: Parts<Item>): Promise<ReadonlyMap<Item, Outcome>> {
  const outcomes = new Map<Item, Outcome>();
  const waiting: (readonly Item[])[] = chunk(parts.items, parts.most).toReversed();
  for (let requests = 0; waiting.length > 0; requests += 1) {
    if (requests >= mostRequests) {
      settle(outcomes, waiting.splice(0).flat(), {
        kind: 'retry',
        reason: 'too many refusals in one batch',
        because: 'not_sent',
      });
      break;
    }
    const part = waiting.pop() ?? [];
    try {
      const result = await parts.send(part);
      if (result.kind === 'settled') addAll(outcomes, result.outcomes);
      else waiting.push(...divide(parts, part, result.refusal, outcomes).toReversed());
    } catch (error) {
      const isFirst = requests === 0 && parts.hasBegun !== true;
      if (!isPluginError(error) || (isFirst && error.kind !== 'unknown')) throw error;
      settle(outcomes, part, outcomeOfError(error));
      if (error.kind !== 'unknown') {
        settle(outcomes, waiting.splice(0).flat(), outcomeOfUnsent(error));
      }
    }
  }
  return outcomes;
}

/** Rejects who is named, or the last one left; returns what is to be tried again. */
function divide<Item>(
  { named }: Parts<Item>,
  part: readonly Item[],
  refusal: Refusal,
  outcomes: Map<Item, Outcome>,
): readonly (readonly Item[])[] {
  const { status, errors } = refusal;
  const rest: Item[] = [];
  for (const [place, item] of part.entries()) {
    const words = named?.(item, errors, place);
    if (words === undefined) rest.push(item);
    else outcomes.set(item, rejection(status, words));
  }
  if (rest.length < part.length) return rest.length === 0 ? [] : [rest];
  if (part.length > 1) return halve(part);
  settle(outcomes, part, rejectionOf(refusal));
  return [];
}

function rejection(status: number, words: string): Outcome {
  const reason = withoutAddresses(words).slice(0, 500) || `answered ${status}`;
  return { kind: 'rejected', reason, vendorCode: status };
}

/** Rejected, in the vendor's words. */
export function rejectionOf({ status, errors }: Refusal): Outcome {
  return rejection(status, errors.map(({ message }) => message).join('; '));
}

function settle<Item>(map: Map<Item, Outcome>, items: readonly Item[], outcome: Outcome): void {
  for (const item of items) map.set(item, outcome);
}

function addAll<Item>(map: Map<Item, Outcome>, more: ReadonlyMap<Item, Outcome>): void {
  for (const [item, outcome] of more) map.set(item, outcome);
}

/** The same outcome for each of the items. */
export function all<Item>(items: readonly Item[], outcome: Outcome): PartResult<Item> {
  return { kind: 'settled', outcomes: new Map(items.map((item) => [item, outcome])) };
}

export function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function halve<Item>(items: readonly Item[]): Item[][] {
  return chunk(items, Math.ceil(items.length / 2));
}
