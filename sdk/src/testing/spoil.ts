// One page of a vendor with an item in it that no longer is what it was: vendors change, and say so to nobody.
import { isJsonObject } from '../json.ts';
import type { VendorAnswer, VendorRequest } from './loopback-vendor.ts';

/** Which items of the page are spoilt. */
export type Spoiling = 'first' | 'all';

export type Spoiler = (request: VendorRequest, answer: VendorAnswer) => VendorAnswer;

/** Spoils the first page that holds items, each time that it is asked for. */
export function createSpoiler(spoiling: Spoiling): Spoiler {
  let asked: string | undefined;
  return (request, answer) => {
    const page = pageOf(answer);
    const items = itemsOf(page);
    const question = `${request.method} ${request.path} ${request.text}`;
    if (items === undefined || (asked ?? question) !== question) return answer;
    asked = question;
    const spoilt = items.map((item, place) =>
      place === 0 || spoiling === 'all' ? spoilItem(item) : item,
    );
    const { body: _, ...head } = answer;
    return { ...head, json: replace(page, items, spoilt) };
  };
}

function pageOf({ json, body }: VendorAnswer): unknown {
  if (json !== undefined) return JSON.parse(JSON.stringify(json));
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body ?? []).toString());
  } catch {
    return undefined;
  }
}

/** The list with the most in it, wherever the vendor's page keeps it. */
function itemsOf(value: unknown): readonly unknown[] | undefined {
  const lists: (readonly unknown[])[] = [];
  const queue = [value];
  for (const found of queue) {
    if (Array.isArray(found)) lists.push(found);
    else if (isJsonObject(found)) queue.push(...Object.values(found));
  }
  const filled = lists.filter(({ length }) => length > 0);
  return filled.toSorted((one, other) => other.length - one.length)[0];
}

/** Numbers stay: a place in a stream may be one, and where nothing says a place nobody could pass it. */
function spoilItem(item: unknown): unknown {
  if (!isJsonObject(item)) return { spoilt: item };
  const members = Object.entries(item).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : { spoilt: true },
  ]);
  return Object.fromEntries(members);
}

function replace(value: unknown, items: readonly unknown[], spoilt: readonly unknown[]): unknown {
  if (value === items) return spoilt;
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    replace(member, items, spoilt),
  ]);
  return Object.fromEntries(members);
}
