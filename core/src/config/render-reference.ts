// The reference of the config, printed from the schema that validates it: docs/config.md.
import { builtInNamespaces } from './namespaces.ts';
import { hubSchema } from './hub-schema.ts';
import { patternWords, type Schema } from './schema/parts.ts';
import { select, each } from './select.ts';
import { member } from './validate.ts';

export function renderReference(): string {
  const sections = select(hubSchema, ['properties', each]).map(({ path, value }) => ({
    name: String(path[1]),
    schema: value,
  }));
  return [
    '# Config reference',
    '',
    'Generated from the JSON Schema that the hub validates its config with; `tributary schema` prints it.',
    '',
    '- `${NAME}`, `${NAME:-default}` and `${file:path}` stand for an environment variable or a file. Secrets belong there. A plain `${` is written `$${`.',
    '- Durations are `90s`, `30m`, `12h`, `7d`, `2w`. Sizes are `32 KiB`, `1 MiB`.',
    '- Paths are taken from the folder of the config. Anchors, aliases, tags and unknown keys are refused.',
    '- `tributary check FILE` tells everything that is wrong, with its line.',
    '',
    ...sections.flatMap(({ name, schema }) => renderSection(name, schema)),
    ...renderNamespaces(),
  ].join('\n');
}

function renderSection(name: string, schema: unknown): string[] {
  const rows = rowsOf(schema, '');
  const table = ['| key | value | default | meaning |', '| --- | --- | --- | --- |', ...rows];
  const own = rows.length === 0 ? [`Value: ${valueText(schema)}.`, ''] : [...table, ''];
  return [`## ${name}`, '', text(member(schema, 'description')), '', ...own];
}

/** One row for each key, those of nested sections below their parent. */
function rowsOf(schema: unknown, prefix: string): string[] {
  const required = member(schema, 'required');
  const named = select(schema, ['properties', each]).flatMap(({ path, value }) => {
    const key = String(path[1]);
    const isRequired = Array.isArray(required) && required.includes(key);
    return [row(`${prefix}${key}`, value, isRequired), ...rowsOf(value, `${prefix}${key}.`)];
  });
  const chosen = member(schema, 'additionalProperties');
  const items = member(schema, 'items');
  return [
    ...named,
    ...(isSection(chosen) ? rowsOf(chosen, `${prefix}<name>.`) : []),
    ...(isSection(items) ? rowsOf(items, `${prefix.replace(/\.$/, '')}[].`) : []),
  ];
}

function isSection(schema: unknown): schema is Schema {
  return (
    typeof schema === 'object' && schema !== null && member(schema, 'properties') !== undefined
  );
}

function row(key: string, schema: unknown, isRequired: boolean): string {
  const byDefault = member(schema, 'default');
  const shown = isRequired ? 'required' : defaultText(byDefault);
  const secret = member(schema, 'writeOnly') === true ? ' A secret: by reference.' : '';
  const meaning = `${text(member(schema, 'description'))}${secret}`;
  return `| \`${key}\` | ${cell(valueText(schema))} | ${cell(shown)} | ${cell(meaning)} |`;
}

function defaultText(value: unknown): string {
  if (value === undefined) return '';
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'section',
  array: 'list',
};

function valueText(schema: unknown): string {
  const reference = member(schema, '$ref');
  if (typeof reference === 'string') return `a ${reference.split('/').at(-1)}`;
  const constant = member(schema, 'const');
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  const choices = member(schema, 'enum');
  if (Array.isArray(choices)) return choices.map((choice) => `\`${choice}\``).join(', ');
  const pattern = member(schema, 'pattern');
  const words = typeof pattern === 'string' ? patternWords.get(pattern) : undefined;
  if (words !== undefined) return words;
  const types = [member(schema, 'type')].flat();
  const named = types.map((type) => typeWords[text(type)] ?? 'any').join(' or ');
  return `${named}${boundsText(schema)}`;
}

function boundsText(schema: unknown): string {
  const least = member(schema, 'minimum');
  const most = member(schema, 'maximum');
  if (typeof least !== 'number' && typeof most !== 'number') return '';
  if (typeof most !== 'number') return `, at least ${text(least)}`;
  return typeof least === 'number' ? `, ${least} to ${most}` : `, at most ${most}`;
}

function renderNamespaces(): string[] {
  return [
    '## Built-in namespaces',
    '',
    'The strongest first.',
    '',
    '| namespace | kind | limit | normalised as | from traits | can be reached |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...builtInNamespaces].map(
      ([name, { kind = 'person', limit, normalise = 'none', fromTraits = [], contactPoint }]) =>
        `| \`${name}\` | ${kind} | ${limit ?? ''} | ${normalise} | ${fromTraits.join(', ')} | ${contactPoint === true ? 'yes' : 'no'} |`,
    ),
    '',
  ];
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

/** A bar would end the cell. */
function cell(words: string): string {
  return words.replaceAll('|', String.raw`\|`);
}
