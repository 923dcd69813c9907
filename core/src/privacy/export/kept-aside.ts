// What was set aside of a person. A record that names her alone is hers and is told as it came; a body that no
// source could read may hold a whole batch, so that of it only is told where it lies.
import { isJsonObject, type Identifier, type JsonObject } from '@tributary/sdk';
import { readKeptAside, type KeptAside } from '../../intake/rewrite-log.ts';
import type { ResolveRoom } from '../../resolve/room.ts';
import { nameIdentifiers, standardIdentifier } from '../../standardise/identifiers.ts';
import type { Queryable } from '../../store/store.ts';
import type { PersonIdentifier } from '../find-person.ts';
import { readableTexts } from '../readable-texts.ts';
import { createValues } from '../values.ts';
import { tell, type Items } from './tell.ts';

const pageSize = 500;

const note =
  'It may speak of others, too: whoever answers for privacy takes out of it what is yours.';

export async function* eachKeptAside(
  reader: Queryable,
  identifiers: readonly PersonIdentifier[],
  room: ResolveRoom,
): Items {
  const values = createValues(identifiers, room);
  const hers = new Set(identifiers.map(({ hash }) => hash));
  for (let after = 0; ;) {
    const page = await readKeptAside(reader, after, pageSize);
    for (const entry of page) {
      const texts = (entry.payload && (await readableTexts(entry.payload))) ?? [];
      const isFound = values.isIn(entry.message) || texts.some((text) => values.areInText(text));
      if (isFound) yield itemOf(entry, texts, hers, room);
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

function itemOf(
  { id, source, receivedAt, code, message }: KeptAside,
  [received]: readonly string[],
  hers: ReadonlySet<string>,
  room: ResolveRoom,
): JsonObject {
  const told = { entry: id, source, receivedAt };
  const isHers = received !== undefined && namesNobodyElse(received, hers, room);
  // A message may quote what is in the body.
  return tell(isHers ? { ...told, reason: message, received } : { ...told, reason: code, note });
}

/** It is one record, and all whom it names are hers. Who cannot be told is somebody else. */
function namesNobodyElse(
  text: string,
  hers: ReadonlySet<string>,
  { settings, keys }: ResolveRoom,
): boolean {
  const record = parseObject(text);
  const named = record && identifiersOf(record);
  if (named === undefined || named.length === 0) return false;
  const isHers = ({ namespace, value }: Identifier): boolean => {
    const found = standardIdentifier(namespace, value, settings.identity, keys);
    return found !== undefined && hers.has(found.hash);
  };
  const traits = isJsonObject(record?.['traits']) ? record['traits'] : {};
  const { identifiers, contacts } = nameIdentifiers([], traits, settings.identity, keys);
  return named.every(isHers) && [...identifiers, ...contacts].every(({ hash }) => hers.has(hash));
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: it is no record, or nobody can say whom it names. */
function identifiersOf({ identifiers, previous }: JsonObject): Identifier[] | undefined {
  if (!Array.isArray(identifiers)) return undefined;
  const listed: readonly unknown[] = identifiers;
  const all = previous === undefined ? listed : [...listed, previous];
  const named = all.flatMap((one) => {
    if (!isJsonObject(one)) return [];
    const { namespace, value } = one;
    return typeof namespace === 'string' && typeof value === 'string' ? [{ namespace, value }] : [];
  });
  return named.length === all.length ? named : undefined;
}
