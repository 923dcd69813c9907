// Members of an operation's path, query and body as words of a command line: which are given by their
// place, which by an option, and how a text becomes the value that the schema asks for.
import { isJsonObject, type JsonObject, type JsonValue } from '@tributary/sdk';
import {
  type CommandText,
  type Member,
  type Operation,
  membersOf,
} from '../../http/operations-table.ts';
import { UsageError, type CommandOption } from '../command.ts';

export interface Field {
  readonly member: string;
  /** `item`: of the one item of a list in the body. */
  readonly part: 'path' | 'query' | 'body' | 'item';
  /** E.g. `expires-in-days` for `expiresInDays`. */
  readonly option: string;
  readonly schema: JsonObject;
  readonly required: boolean;
  readonly isFile: boolean;
}

/** Members of a page; the command line has `--limit` and `--all` for them. */
const paging: ReadonlySet<string> = new Set(['limit', 'after', 'before']);

export function isPaged({ answer }: Operation): boolean {
  const members: unknown = Reflect.get(answer, 'properties');
  return isJsonObject(members) && 'next' in members;
}

/** Everything that is given by place or option. */
export function fieldsOf(operation: Operation, command: CommandText): readonly Field[] {
  const { path, query, body } = operation;
  const fields = [
    ...membersOf(path).map((member) => fieldOf('path', member, command)),
    ...membersOf(query).map((member) => fieldOf('query', member, command)),
    ...(body && command.identifiers !== 'body' ? membersOf(body) : []).flatMap((member) =>
      member.name === command.item
        ? itemMembers(member).map((part) => fieldOf('item', part, command))
        : [fieldOf('body', member, command)],
    ),
  ];
  const fromInput: readonly string[] = Array.isArray(command.identifiers)
    ? command.identifiers
    : [];
  // Whom it is about is never said on a command line but by the id of a profile.
  const whom = command.person === undefined ? [] : [command.person, 'namespace', 'value'];
  return fields.filter(
    ({ member, part }) =>
      !whom.includes(member) &&
      !fromInput.includes(member) &&
      !(part === 'query' && isPaged(operation) && paging.has(member)),
  );
}

function fieldOf(part: Field['part'], member: Member, command: CommandText): Field {
  return {
    member: member.name,
    part,
    option: member.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    schema: member.member,
    required: part === 'path' || member.required,
    isFile: command.files?.includes(member.name) ?? false,
  };
}

function itemMembers({ member }: Member): Member[] {
  const { items } = member;
  return isJsonObject(items) ? membersOf(items) : [];
}

export function optionOf({ schema, isFile }: Field): CommandOption {
  const told = typeof schema['description'] === 'string' ? plain(schema['description']) : undefined;
  const parts = [told, choicesOf(schema), defaultOf(schema)].filter((part) => part !== undefined);
  const description = parts.join('; ');
  if (schema['type'] === 'boolean') return { type: 'boolean', description };
  const multiple = schema['type'] === 'array';
  return {
    type: 'string',
    value: isFile ? 'FILE' : valueWord(schema),
    description: description === '' ? meaningOf(schema) : description,
    ...(multiple && { multiple }),
  };
}

/** Descriptions are sentences of a page; among options they are phrases. */
function plain(text: string): string {
  const phrase = text.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(phrase) ? phrase.charAt(0).toLowerCase() + phrase.slice(1) : phrase;
}

function choicesOf(schema: JsonObject): string | undefined {
  const choices = schema['enum'];
  return Array.isArray(choices) ? `one of ${choices.join(', ')}` : undefined;
}

function defaultOf(schema: JsonObject): string | undefined {
  return 'default' in schema ? `default ${JSON.stringify(schema['default'])}` : undefined;
}

function valueWord(schema: JsonObject): string {
  if (schema['type'] === 'array') return valueWord(itemOf(schema));
  if (schema['format'] === 'date-time') return 'TIME';
  if (schema['format'] === 'uuid') return 'ID';
  if (Array.isArray(schema['enum'])) return 'WORD';
  return schema['type'] === 'integer' || schema['type'] === 'number' ? 'NUMBER' : 'TEXT';
}

function meaningOf(schema: JsonObject): string {
  const word = valueWord(schema);
  return word === 'TIME' ? 'an ISO 8601 time' : word === 'NUMBER' ? 'a number' : 'a text';
}

function itemOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['items']) ? schema['items'] : {};
}

/** Throws `UsageError`; where it is a person's, the text is not quoted. */
export function parseValue(field: Field, text: string, schema = field.schema): JsonValue {
  const choices = schema['enum'];
  if (Array.isArray(choices)) {
    if (choices.includes(text)) return text;
    throw expected(field, text, choicesOf(schema) ?? '');
  }
  if (schema['type'] !== 'integer' && schema['type'] !== 'number') return text;
  const number = Number(text);
  const isRight = schema['type'] === 'integer' ? Number.isSafeInteger(number) : !isNaN(number);
  if (isRight && text.trim() !== '') return number;
  throw expected(field, text, schema['type'] === 'integer' ? 'a whole number' : 'a number');
}

/** A list is given by several options, or in one with commas. */
export function parseValues(field: Field, texts: readonly string[]): JsonValue {
  const item = itemOf(field.schema);
  return texts.flatMap((text) => text.split(',')).map((text) => parseValue(field, text, item));
}

function expected({ option }: Field, text: string, words: string): UsageError {
  return new UsageError(`--${option}: found "${text}", expected ${words}.`);
}
