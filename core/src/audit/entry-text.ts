// The text of an entry as the log keeps it, and the net that keeps people's words out of it.
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue } from '@tributary/sdk';
import { canonicalJson } from './canonical.ts';
import type { AuditEntry } from './entry.ts';

/** Ids, codes, hashes and names of config. An e-mail address, a name with a space or a sentence is none. */
const word = /^@?[A-Za-z0-9_.:/*|-]{0,200}$/;
/** An entry says what was done to how many; lists beyond this are counted instead. */
const longestList = 1_000;
const deepest = 8;

/** The entry as canonical JSON, with its number and its time in ISO 8601. */
export function entryText(entry: AuditEntry, number: number): string {
  const { kind, at, actor, subjects, details } = entry;
  return canonicalJson({
    number,
    kind,
    at: new Date(at).toISOString(),
    actor: withoutFreeText(actor),
    ...(subjects && subjects.length > 0 ? { subjects: withoutFreeText(subjects) } : {}),
    ...(details ? { details: withoutFreeText(details) } : {}),
  });
}

/** A text in the log's terms: it proves later which words they were without holding them. */
export function textHash(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/** Whatever is not a word of config or a code is replaced with its hash. */
function withoutFreeText(value: JsonValue | undefined, depth = 0): JsonValue {
  if (typeof value === 'string') return word.test(value) ? value : textHash(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= deepest) return textHash(canonicalJson(value));
  if (isJsonObject(value)) {
    const members: Record<string, JsonValue> = {};
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      members[word.test(name) ? name : textHash(name)] = withoutFreeText(member, depth + 1);
    }
    return members;
  }
  const items: readonly JsonValue[] = value;
  const kept = items.slice(0, longestList).map((item) => withoutFreeText(item, depth + 1));
  return items.length > longestList ? [...kept, { more: items.length - longestList }] : kept;
}
