// What stands in text for a person who is being erased: used while the request is carried out, never kept.
import { standardIdentifier } from '../standardise/identifiers.ts';
import type { ResolveRoom } from '../resolve/room.ts';
import type { PersonIdentifier } from './find-person.ts';

export interface Values {
  /** In lower case; too short ones are left out, since they stand in other people's texts as well. */
  readonly texts: readonly string[];
  isIn(text: string): boolean;
  /** Does any text or number in this JSON stand for her? */
  areIn(json: unknown): boolean;
  /** The same for text that may be JSON. */
  areInText(text: string): boolean;
}

const shortest = 5;

export function createValues(identifiers: readonly PersonIdentifier[], room: ResolveRoom): Values {
  const hashes = new Set(identifiers.map(({ hash }) => hash));
  const spaces = [...new Set(identifiers.map(({ namespace }) => namespace))];
  const texts = identifiers
    .map(({ value }) => value.toLowerCase())
    .filter((text) => text.length >= shortest);
  const stands = (text: string): boolean =>
    spaces.some((namespace) => {
      const found = standardIdentifier(namespace, text, room.settings.identity, room.keys);
      return found !== undefined && hashes.has(found.hash);
    });
  const isIn = (text: string): boolean => {
    const low = text.toLowerCase();
    return texts.some((value) => standsAlone(low, value));
  };
  const areIn = (json: unknown): boolean => {
    if (typeof json === 'string') return isIn(json) || stands(json);
    if (typeof json === 'number') return stands(String(json));
    return typeof json === 'object' && json !== null && Object.values(json).some(areIn);
  };
  const areInText = (text: string): boolean => {
    if (isIn(text)) return true;
    try {
      return areIn(JSON.parse(text));
    } catch {
      return false;
    }
  };
  return { texts, isIn, areIn, areInText };
}

/** A number within a longer one, or an address within another, is somebody else's. */
function standsAlone(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const before = text.at(at - 1);
    const after = text.at(at + value.length);
    if ((at === 0 || !isPart(before)) && !isPart(after)) return true;
  }
  return false;
}

function isPart(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}_@+-]/u.test(sign);
}
