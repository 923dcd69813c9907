// A command's words, files and standard input → the members of a call.
import { readFile } from 'node:fs/promises';
import type { JsonValue } from '@tributary/sdk';
import { readYaml } from '../../config/read-yaml.ts';
import { type CommandText, type Operation, membersOf } from '../../http/operations-table.ts';
import { UsageError, type CommandInput } from '../command.ts';
import type { SafeTerminal } from '../terminal.ts';
import { fieldsOf, parseValue, parseValues, type Field } from './fields.ts';
import type { HubCall, HubClient } from './hub-client.ts';
import { parseIdentifier, readProfileId } from './read-person.ts';

type Members = Record<string, JsonValue>;

/** Throws `UsageError`, or `HubFailure` where an identifier leads to nobody. */
export async function readCall(
  operation: Operation,
  command: CommandText,
  input: CommandInput,
  { terminal, hub }: { readonly terminal: SafeTerminal; readonly hub: HubClient },
): Promise<HubCall> {
  const parts = { path: {}, query: {}, body: {}, item: {} } satisfies Record<string, Members>;
  const { places = [], person, item } = command;
  for (const field of fieldsOf(operation, command)) {
    const value = await valueOf(field, places.indexOf(field.member), input);
    if (value !== undefined) Object.assign(parts[field.part], { [field.member]: value });
  }
  const { path, query } = parts;
  const body: Members = { ...parts.body, ...(item !== undefined && { [item]: [parts.item] }) };
  Object.assign(body, await readIdentifiers(operation, command, terminal));
  if (person === undefined) return { path, query, body };
  const found = { [person]: await readProfileId(input, terminal, hub) };
  return membersOf(operation.path).some(({ name }) => name === person)
    ? { path: { ...path, ...found }, query, body }
    : { path, query: { ...query, ...found }, body };
}

async function valueOf(
  field: Field,
  place: number,
  input: CommandInput,
): Promise<JsonValue | undefined> {
  if (place >= 0) return parseValue(field, input.positionals[place] ?? '');
  if (field.schema['type'] === 'boolean') return input.flag(field.option) ? true : undefined;
  if (field.schema['type'] === 'array') {
    const texts = input.texts(field.option);
    return texts.length === 0 ? undefined : parseValues(field, texts);
  }
  const text = input.text(field.option);
  if (text === undefined) return undefined;
  return field.isFile ? readValueFile(field.option, text) : parseValue(field, text);
}

/** JSON is YAML as well. */
async function readValueFile(option: string, file: string): Promise<JsonValue> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--${option}: found no readable file "${file}".`, { cause: error });
  });
  const { value, issues } = readYaml(text);
  const [issue] = issues;
  if (issue === undefined && isValue(value)) return value;
  throw new UsageError(`--${option}: ${file}: ${issue?.message ?? 'found nothing in it'}.`);
}

function isValue(value: unknown): value is JsonValue {
  return value !== undefined;
}

/** Lines of standard input, where the operation asks for identifiers. */
async function readIdentifiers(
  { body }: Operation,
  { identifiers }: CommandText,
  terminal: SafeTerminal,
): Promise<Members> {
  if (identifiers === undefined || body === undefined) return {};
  const names = identifiers === 'body' ? ['identifier'] : identifiers;
  const lines = await terminal.lines(names.map((name) => `${name} (namespace:value): `));
  const found = lines.map(parseIdentifier);
  if (identifiers === 'body') return { ...one(found) };
  const [first = ''] = names;
  const list = membersOf(body).find(
    ({ name, member }) => name === first && member['type'] === 'array',
  );
  // None is an answer where somebody can be named in another way.
  if (list) return { [first]: found.length > 0 || !list.required ? found : [one(found)] };
  if (found.length !== names.length) {
    throw new UsageError(
      `found ${found.length} lines on standard input, expected ${names.length}: ${names.join(' and ')}, each as namespace:value.`,
    );
  }
  return Object.fromEntries(names.map((name, place) => [name, found[place] ?? null]));
}

function one<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (items.length === 1 && first !== undefined) return first;
  throw new UsageError(
    `found ${items.length} lines on standard input, expected one identifier as namespace:value.`,
  );
}
