// Definitions of custom fields. A contact's values are keyed by a field's id, which only exists here.
import type { Account, CustomField, FieldType } from './account.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isText, requireRecord } from './shapes.ts';
import { badRequest, notFound } from './vendor-error.ts';

const mostFields = 500;
const fieldTypes: readonly FieldType[] = ['Text', 'Number', 'Date'];
const marketing = 'marketing.read';

const writableReserved: readonly string[] = [
  'first_name',
  'last_name',
  'email',
  'alternate_emails',
  'address_line_1',
  'address_line_2',
  'city',
  'state_province_region',
  'postal_code',
  'country',
  'phone_number',
  'whatsapp',
  'line',
  'facebook',
  'unique_name',
];
const readOnlyReserved: readonly (readonly [name: string, type: FieldType])[] = [
  ['email_domains', 'Text'],
  ['last_clicked', 'Date'],
  ['last_opened', 'Date'],
  ['last_emailed', 'Date'],
  ['singlesend_id', 'Text'],
  ['automation_id', 'Text'],
  ['created_at', 'Date'],
  ['updated_at', 'Date'],
  ['contact_id', 'Text'],
];
const reservedFields = [
  ...writableReserved.map((name) => ({ name, field_type: 'Text' as FieldType })),
  ...readOnlyReserved.map(([name, type]) => ({ name, field_type: type, read_only: true })),
].map((field, index) => ({ id: `_rf${index}_${field.field_type.charAt(0)}`, ...field }));

export const fieldRoutes: readonly Route[] = [
  { method: 'POST', path: '/v3/marketing/field_definitions', scope: marketing, handle: create },
  { method: 'GET', path: '/v3/marketing/field_definitions', scope: marketing, handle: list },
  {
    method: 'DELETE',
    path: '/v3/marketing/field_definitions/{id}',
    scope: marketing,
    handle: remove,
  },
];

function create({ body, baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const { name, field_type: type } = requireRecord(body);
  const field = addField(account, requireName(account, name), requireType(type));
  return {
    status: 200,
    body: {
      ...describeField(field),
      _metadata: { self: `${baseUrl}/v3/marketing/field_definitions/${field.id}` },
    },
  };
}

export function addField(account: Account, name: string, type: FieldType): CustomField {
  const id = `e${account.fields.size + 1}_${type.charAt(0)}`;
  const field: CustomField = { id, name, type };
  account.fields.set(id, field);
  return field;
}

function requireName(account: Account, name: unknown): string {
  if (!isText(name) || name.length > 100 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw badRequest(
      'name must start with a letter or underscore and hold only those and digits',
      'name',
    );
  }
  const wanted = name.toLowerCase();
  const taken = [...account.fields.values(), ...reservedFields].some(
    (field) => field.name.toLowerCase() === wanted,
  );
  if (taken) throw badRequest(`field name '${name}' is already in use`, 'name');
  if (account.fields.size >= mostFields) {
    throw badRequest(`at most ${mostFields} custom fields are allowed`, 'name');
  }
  return name;
}

function requireType(type: unknown): FieldType {
  const known = fieldTypes.find((candidate) => candidate === type);
  if (known === undefined)
    throw badRequest('field_type must be Text, Number or Date', 'field_type');
  return known;
}

function list({ baseUrl }: VendorRequest, account: Account): VendorAnswer {
  return {
    status: 200,
    body: {
      custom_fields: [...account.fields.values()].map(describeField),
      reserved_fields: reservedFields,
      _metadata: { self: `${baseUrl}/v3/marketing/field_definitions` },
    },
  };
}

function remove({ params }: VendorRequest, account: Account): VendorAnswer {
  if (!account.fields.delete(params['id'] ?? '')) throw notFound('custom field not found');
  return { status: 204 };
}

function describeField({ id, name, type }: CustomField): Record<string, string> {
  return { id, name, field_type: type };
}
