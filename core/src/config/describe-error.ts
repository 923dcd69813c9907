// Words for what a JSON Schema found: what was found, what was expected, and the nearest known key.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';
import type { Issue, Path } from './problem.ts';
import { patternWords } from './schema/parts.ts';

/** Says how a value may be shown; undefined where it must not be shown at all. */
export type ShowValue = (path: Path, value: unknown) => string | undefined;

/** Undefined for errors that only repeat what another one says. */
export function describeError(error: ErrorObject, path: Path, show: ShowValue): Issue | undefined {
  const parameters: Readonly<Record<string, unknown>> = error.params;
  if (error.propertyName !== undefined && error.keyword !== 'propertyNames') return undefined;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = text(parameters['additionalProperty'] ?? parameters['unevaluatedProperty']);
      return unknownKey(path, key, knownKeys(error));
    }
    case 'required':
      return missingKey(path, text(parameters['missingProperty']));
    case 'propertyNames':
      return badName(error, path, text(parameters['propertyName']));
    case 'if':
      return undefined;
    default:
      return badValue(error, path, show);
  }
}

export function unknownKey(path: Path, key: string, known: readonly string[]): Issue {
  const near = nearest(key, known);
  return {
    code: 'CONFIG_KEY_UNKNOWN',
    path: [...path, key],
    at: 'key',
    message: `found the unknown key ${quote(key)}, expected ${known.length === 0 ? 'no key' : oneOf(known)}`,
    hint: near === undefined ? undefined : `Did you mean ${quote(near)}?`,
  };
}

function missingKey(path: Path, key: string): Issue {
  return {
    code: 'CONFIG_KEY_MISSING',
    path,
    at: 'key',
    message: `found no ${quote(key)}, expected it here`,
    hint: `Add ${quote(key)}.`,
  };
}

function badName(error: ErrorObject, path: Path, key: string): Issue {
  const schema = asObject(asObject(error.parentSchema)['propertyNames']);
  return {
    code: 'CONFIG_VALUE_INVALID',
    path: [...path, key],
    at: 'key',
    message: `found the name ${quote(key)}, expected ${patternMeaning(schema['pattern'])}`,
  };
}

function badValue(error: ErrorObject, path: Path, show: ShowValue): Issue {
  const found = foundText(error, path, show);
  const near = error.keyword === 'enum' ? nearestChoice(error, path, show) : undefined;
  return {
    code: 'CONFIG_VALUE_INVALID',
    path,
    message: `found ${found}, expected ${expectedText(error)}`,
    hint: near === undefined ? undefined : `Did you mean ${quote(near)}?`,
  };
}

function foundText(error: ErrorObject, path: Path, show: ShowValue): string {
  const value: unknown = error.data;
  if (error.keyword === 'uniqueItems') return `the same item twice`;
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a section';
  return show(path, value) ?? `a ${typeName(value)}`;
}

function expectedText(error: ErrorObject): string {
  const parameters: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'type':
      return listOfTypes(parameters['type']);
    case 'enum':
      return oneOf(asList(parameters['allowedValues']).map(text));
    case 'const':
      return JSON.stringify(parameters['allowedValue']);
    case 'pattern':
      return patternMeaning(parameters['pattern']);
    case 'format':
      return `text of the form ${text(parameters['format'])}`;
    case 'uniqueItems':
      return 'each item once';
    case 'anyOf':
    case 'oneOf':
      return 'one of the forms that the documentation lists';
    default:
      return boundText(error.keyword, text(parameters['limit'])) ?? otherText(error.message);
  }
}

function boundText(keyword: string, limit: string): string | undefined {
  switch (keyword) {
    case 'minimum':
      return `at least ${limit}`;
    case 'maximum':
      return `at most ${limit}`;
    case 'exclusiveMinimum':
      return `more than ${limit}`;
    case 'exclusiveMaximum':
      return `less than ${limit}`;
    case 'minLength':
      return limit === '1' ? 'some text' : `at least ${limit} characters`;
    case 'maxLength':
      return `at most ${limit} characters`;
    case 'minItems':
      return `at least ${limit} ${limit === '1' ? 'item' : 'items'}`;
    case 'maxItems':
      return `at most ${limit} items`;
    default:
      return undefined;
  }
}

function otherText(message: string | undefined): string {
  return message?.replace(/^must /, 'a value that must ') ?? 'another value';
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a section with keys',
  array: 'a list',
  null: 'nothing',
};

function listOfTypes(types: unknown): string {
  return asList(types)
    .map((type) => typeWords[text(type)] ?? text(type))
    .join(' or ');
}

function typeName(value: unknown): string {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false value' : 'number';
}

function patternMeaning(pattern: unknown): string {
  return patternWords.get(text(pattern)) ?? `text that matches ${text(pattern)}`;
}

function knownKeys(error: ErrorObject): string[] {
  return Object.keys(asObject(asObject(error.parentSchema)['properties']));
}

function nearestChoice(error: ErrorObject, path: Path, show: ShowValue): string | undefined {
  const value: unknown = error.data;
  if (typeof value !== 'string' || show(path, value) === undefined) return undefined;
  return nearest(value, asList(error.params['allowedValues']).map(text));
}

export function oneOf(words: readonly string[]): string {
  const shown = words.slice(0, 20).map(quote);
  const more = words.length > 20 ? ` and ${words.length - 20} more` : '';
  return shown.length === 1 ? (shown[0] ?? '') : `one of ${shown.join(', ')}${more}`;
}

/** Names are cut: a config may hold a page of text where a word is expected. */
export function quote(word: string): string {
  return '`' + (word.length > 80 ? `${word.slice(0, 79)}…` : word) + '`';
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
