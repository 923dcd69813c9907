// What is wrong with a rule or a measure as it was written, and the small questions that its
// parsers ask. Parsers go on after a problem, so that one reading tells all of them.
import { nearest } from '../config/nearest.ts';

export type DocumentPath = readonly (string | number)[];

export interface ParseProblem {
  /** Keys and list places from the top of the document. */
  readonly path: DocumentPath;
  /** What was found, what was expected. */
  readonly message: string;
  /** What to do. */
  readonly hint: string | undefined;
}

export interface Parsing {
  readonly problems: ParseProblem[];
}

export type YamlMap = Readonly<Record<string, unknown>>;

/** Adds a problem; returns undefined, so that a parser can return it. */
export function refuse(
  parsing: Parsing,
  path: DocumentPath,
  message: string,
  hint?: string,
): undefined {
  parsing.problems.push({ path, message, hint });
  return undefined;
}

export function refuseValue(
  parsing: Parsing,
  path: DocumentPath,
  found: unknown,
  expected: string,
  hint?: string,
): undefined {
  return refuse(parsing, path, `found ${describeFound(found)}, expected ${expected}`, hint);
}

/** A name that nobody knows, with the known one that it looks like. */
export function refuseName(
  parsing: Parsing,
  path: DocumentPath,
  found: string,
  what: string,
  known: Iterable<string>,
): undefined {
  const names = [...known];
  return refuse(
    parsing,
    path,
    `found ${quote(found)}, expected ${what}${names.length === 0 ? ', and there are none' : `, ${listed(names)}`}`,
    didYouMean(found, names),
  );
}

export function didYouMean(found: string, known: Iterable<string>): string | undefined {
  const meant = nearest(found, known);
  return meant === undefined ? undefined : `Did you mean ${quote(meant)}?`;
}

export function asMap(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  expected: string,
): YamlMap | undefined {
  return isMap(value) ? value : refuseValue(parsing, path, value, expected);
}

export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text that is not empty and that the store can hold. */
export function asText(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  expected: string,
): string | undefined {
  if (typeof value !== 'string' || value === '') {
    return refuseValue(parsing, path, value, expected);
  }
  return isStorable(value) ? value : refuseUnstorable(parsing, path);
}

export function isStorable(text: string): boolean {
  return text.length <= longestText && text.isWellFormed() && !text.includes('\u0000');
}

/** Longer text is a mistake: no name or value that a rule looks for is. */
const longestText = 1_000;

export function refuseUnstorable(parsing: Parsing, path: DocumentPath): undefined {
  return refuse(
    parsing,
    path,
    `found text of over ${longestText} characters, with a zero character or with half a character, expected plain text`,
  );
}

/** Refuses keys that are not known. @returns true where all are. */
export function checkKeys(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
  known: readonly string[],
): boolean {
  const strangers = Object.keys(map).filter((key) => !known.includes(key));
  for (const key of strangers) {
    refuse(
      parsing,
      [...path, key],
      `found the unknown key ${quote(key)}, expected ${listed(known)}`,
      didYouMean(key, known),
    );
  }
  return strangers.length === 0;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => name.slice(0, 60));
  const more = names.length > shown.length ? ', …' : '';
  return `${shown.length === 1 ? '' : 'one of '}${shown.join(', ')}${more}`;
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export function describeFound(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty text' : `the text ${quote(value)}`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'nothing';
    case 'object':
      if (value === null) return 'nothing';
      return Array.isArray(value) ? 'a list' : 'a map';
    case 'bigint':
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
  }
}
