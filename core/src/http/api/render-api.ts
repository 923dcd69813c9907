// docs/api.md, made from the table of operations.
import { isJsonObject, type JsonObject } from '@tributary/sdk';
import { permissions, roleMatrix, roles } from '../roles.ts';
import { membersOf } from './openapi.ts';
import { operations } from './operations.ts';
import type { MembersSchema, Operation } from './operation.ts';
import { problems } from './problem.ts';
import { schemas } from './schemas.ts';

export function renderApi(): string {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return [
    introduction,
    '## Roles',
    renderRoles(),
    ...tags.flatMap((tag) => [
      `## ${tag}`,
      ...operations.filter((operation) => operation.tag === tag).map(renderOperation),
    ]),
    '## Answers',
    ...Object.entries(schemas).map(([name, schema]) => renderSchema(name, schema)),
    '## Problems',
    'Beside its own, any operation may answer `REQUEST_INVALID`, `KEY_MISSING`, `KEY_INVALID`, `ROLE_FORBIDS`, `ATTEMPTS_EXCEEDED`, `API_FAILED` and `STORE_UNAVAILABLE`.',
    renderProblems(),
  ].join('\n\n');
}

const introduction = `# API

Generated from the table of operations that the router is made of; \`GET /api/openapi.json\` is the same as OpenAPI 3.1.

- Paths are below \`/api\`. Send the key as \`Authorization: Bearer tk_…\`. The first start of a hub prints one for an admin; \`tributary keys create\` and \`POST /api/keys\` make more.
- Bodies and answers are JSON, times ISO 8601 in UTC. Members that say nothing are left out.
- A list that has more answers \`next\`: send it as \`after\` (or \`before\`) for the page that follows.
- Errors are problem details (RFC 9457, \`application/problem+json\`) with a \`code\` that does not change. 429 and 503 carry \`Retry-After\` in seconds.
- Whoever reads people's data is written into the audit log before the answer leaves, by the key's id.
- What may take long says so: with \`Prefer: respond-async\` it answers 202 with a job at once, and \`GET /api/jobs/{id}\` tells how far it is.
- A profile is found by any id that it ever had. Where an id stood for what are several people now, the answer is 409 with the \`candidates\`.

Outside \`/api\` and without a key: \`/livez\` and \`/healthz\` (200 while the process lives), \`/readyz\` (503 with what is not ready, 200 with what is degraded), \`/metrics\` (for Prometheus; from other machines with a key).`;

function renderRoles(): string {
  const rows = permissions.map((permission) => [
    `\`${permission}\``,
    ...roles.map((role) => (roleMatrix[role].includes(permission) ? 'yes' : '')),
  ]);
  return table(['permission', ...roles], rows);
}

function renderOperation(operation: Operation): string {
  const { id, method, route, summary, description, permission, path, query, body } = operation;
  const parameters = [
    ...rowsOf('path', path),
    ...rowsOf('query', query),
    ...(body ? rowsOf('body', body) : []),
  ];
  return [
    `### ${id}`,
    `\`${method.toUpperCase()} /api${route}\` · \`${permission}\``,
    [/[.?]$/.test(summary) ? summary : `${summary}.`, description ?? ''].join(' ').trim(),
    ...(parameters.length > 0 ? [table(['in', 'name', 'value', 'meaning'], parameters)] : []),
    `Answers ${answerOf(operation.answer)}.${operation.long === true ? ' May take long.' : ''}${problemsOf(operation)}`,
  ].join('\n\n');
}

function problemsOf({ problems: codes }: Operation): string {
  return codes.length === 0 ? '' : ` Problems: ${codes.map((code) => `\`${code}\``).join(', ')}.`;
}

function rowsOf(place: string, schema: MembersSchema): string[][] {
  return membersOf(schema).map(({ name, member, required }) => [
    place,
    `\`${name}\`${required ? '' : ' (optional)'}`,
    typeOf(member),
    textOf(member, 'description'),
  ]);
}

function answerOf(schema: object): string {
  const members = memberOf(schema, 'properties');
  const items = isJsonObject(members) ? memberOf(members, 'items') : undefined;
  const item = isJsonObject(items) ? memberOf(items, 'items') : undefined;
  if (!isJsonObject(item)) return typeOf(toObject(schema));
  const paged = isJsonObject(members) && 'next' in members;
  return `${paged ? 'a page' : 'a list'} (\`items\`) of ${typeOf(item)}`;
}

function renderSchema(name: string, schema: Readonly<Record<string, unknown>>): string {
  const alternatives = Array.isArray(schema['oneOf']) ? schema['oneOf'] : [schema];
  const description = textOf(toObject(schema), 'description');
  return [
    `### ${name}`,
    ...(description === '' ? [] : [description]),
    ...alternatives.map((alternative: unknown) => renderMembers(toObject(alternative))),
  ].join('\n\n');
}

function renderMembers(schema: JsonObject): string {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const rows = Object.entries(toObject(schema['properties'])).map(([name, member]) => [
    `\`${name}\`${required.includes(name) ? '' : ' (optional)'}`,
    typeOf(toObject(member)),
    textOf(toObject(member), 'description'),
  ]);
  return table(['member', 'value', 'meaning'], rows);
}

/** In words, e.g. `whole number, 1 to 1000, default 100`. */
function typeOf(schema: JsonObject): string {
  const { $ref, type, format, minimum, maximum } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) {
    return schema['enum'].map((word) => `\`${String(word)}\``).join(', ');
  }
  const whole = typeof minimum === 'number' && typeof maximum === 'number';
  const bounds = whole ? `, ${minimum} to ${maximum}` : '';
  const initial = 'default' in schema ? `, default ${JSON.stringify(schema['default'])}` : '';
  return `${baseOf(schema, type, format)}${bounds}${initial}`;
}

function baseOf(schema: JsonObject, type: unknown, format: unknown): string {
  if (format === 'date-time') return 'time';
  if (format === 'uuid') return 'id';
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list of ${typeOf(toObject(schema['items']))}`;
    case 'object':
      return objectOf(schema);
    default:
      return 'any JSON';
  }
}

function objectOf(schema: JsonObject): string {
  const values = toObject(schema['additionalProperties']);
  if (Object.keys(values).length > 0) return `object of ${typeOf(values)} by name`;
  const names = Object.keys(toObject(schema['properties']));
  return names.length === 0
    ? 'object'
    : `object with ${names.map((name) => `\`${name}\``).join(', ')}`;
}

function renderProblems(): string {
  const rows = Object.entries(problems).map(([code, { status, title }]) => [
    `\`${code}\``,
    String(status),
    title,
  ]);
  return table(['code', 'status', 'meaning'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function textOf(schema: JsonObject, name: string): string {
  const value = schema[name];
  return typeof value === 'string' ? value : '';
}

function memberOf(value: object, name: string): unknown {
  return Object.entries(value).find(([member]) => member === name)?.[1];
}

function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
