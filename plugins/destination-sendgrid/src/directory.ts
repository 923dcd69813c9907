// Names to ids: contacts speak of lists and custom fields by id, config by name. Read once, read again
// when a name is missing.
import { isJsonObject, PluginError, type Outcome } from '@tributary/sdk';
import {
  unknownShape,
  withoutAddresses,
  type SendgridAnswer,
  type SendgridClient,
} from './client.ts';
import type { CustomField, CustomFields, FieldType } from './map.ts';

export interface Directory {
  /** The id of a list given by name or id. */
  findList(list: string, signal: AbortSignal): Promise<string | undefined>;
  fields(signal: AbortSignal): Promise<CustomFields>;
  /** The next question goes to the vendor. */
  forget(): void;
}

const pageSize = 1_000;
/** When to look again for what does not exist. */
const missingMs = 5_000;
/** Ends a walk through pages that never ends. */
const mostPages = 1_000;

export function createDirectory(client: SendgridClient): Directory {
  let lists: ReadonlyMap<string, string> | null = null;
  let fields: CustomFields | null = null;

  const findList: Directory['findList'] = async (list, signal) => {
    if (isListId(list)) return list;
    const known = lists?.get(list);
    if (known !== undefined) return known;
    lists = await loadLists(client, signal);
    return lists.get(list);
  };
  return {
    findList,
    async fields(signal) {
      fields ??= await loadFields(client, signal);
      return fields;
    },
    forget() {
      lists = null;
      fields = null;
    },
  };
}

/** Nothing was sent and nothing is lost: deliveries wait until an admin has made what is missing. */
export function missing(what: string): Outcome {
  return {
    kind: 'retry',
    reason: `${what} does not exist at SendGrid; run setup for this instance`,
    because: 'not_sent',
    retryAfterMs: missingMs,
  };
}

export function isListId(list: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(list);
}

async function loadLists(
  client: SendgridClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let token: string | null = '';
  for (let page = 0; token !== null && page < mostPages; page += 1) {
    const path: string = `/v3/marketing/lists?page_size=${pageSize}&page_token=${encodeURIComponent(token)}`;
    const answer = await client.ask({ method: 'GET', path }, signal);
    for (const { id, name } of readObjects(answer, 'result')) {
      if (typeof id === 'string' && typeof name === 'string' && !found.has(name))
        found.set(name, id);
    }
    token = nextToken(answer);
  }
  return found;
}

function nextToken(answer: SendgridAnswer): string | null {
  const body = answer.taken && isJsonObject(answer.body) ? answer.body : {};
  const next = isJsonObject(body['_metadata']) ? body['_metadata']['next'] : undefined;
  if (typeof next !== 'string' || next === '') return null;
  return new URL(next, 'http://localhost').searchParams.get('page_token');
}

async function loadFields(client: SendgridClient, signal: AbortSignal): Promise<CustomFields> {
  const path = '/v3/marketing/field_definitions';
  const answer = await client.ask({ method: 'GET', path }, signal);
  const fields = readObjects(answer, 'custom_fields').flatMap((item): CustomField[] => {
    const { id, name, field_type: type } = item;
    if (typeof id !== 'string' || typeof name !== 'string' || !isFieldType(type)) return [];
    return [{ id, name, type }];
  });
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]));
}

function isFieldType(value: unknown): value is FieldType {
  return value === 'Text' || value === 'Number' || value === 'Date';
}

function readObjects(answer: SendgridAnswer, field: string): readonly Record<string, unknown>[] {
  if (!answer.taken) {
    const words = answer.errors.map(({ message }) => withoutAddresses(message)).join('; ');
    throw new PluginError('rejected', words || `answered ${answer.status}`, {
      vendorCode: answer.status,
    });
  }
  const items = isJsonObject(answer.body) ? answer.body[field] : undefined;
  // An account without a single field answers with the property left out.
  if (isJsonObject(answer.body) && items === undefined) return [];
  if (!Array.isArray(items)) throw unknownShape(answer.status, field);
  return items.filter(isJsonObject);
}
