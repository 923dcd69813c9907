// The hub's traits, named as SendGrid names its fields, into the shape of a contact.
import type { JsonObject, JsonValue } from '@tributary/sdk';

export type FieldType = 'Text' | 'Number' | 'Date';
export interface CustomField {
  readonly id: string;
  readonly name: string;
  readonly type: FieldType;
}
/** By name in lower case: SendGrid keeps names unique in any case. */
export type CustomFields = ReadonlyMap<string, CustomField>;

export interface Contact {
  readonly email: string;
  readonly custom_fields?: Readonly<Record<string, string | number | null>>;
  readonly [field: string]: unknown;
}
export type MappedContact =
  | { readonly kind: 'contact'; readonly contact: Contact }
  /** The person's data does not fit; the vendor would refuse the whole batch. */
  | { readonly kind: 'unfit'; readonly reason: string }
  /** The account lacks a field; setup creates it. */
  | { readonly kind: 'unknown-field'; readonly name: string };

/** Longest values, from the vendor's specification of contacts. */
const textLengths: Readonly<Record<string, number>> = {
  first_name: 50,
  last_name: 50,
  address_line_1: 100,
  address_line_2: 100,
  city: 60,
  state_province_region: 50,
  country: 50,
  postal_code: 1_000,
  external_id: 254,
  anonymous_id: 254,
  phone_number_id: 254,
};
const longestEmail = 254;
const mostAlternateEmails = 5;

/** What the vendor makes of an address, so that keys compare equal to its answers. */
export function emailKey(value: string): string {
  return value.trim().toLowerCase();
}

/** @param cleared names that the contact had and shall no longer have. */
export function mapContact(
  email: string,
  traits: JsonObject,
  fields: CustomFields,
  cleared: readonly string[] = [],
): MappedContact {
  if (email.length > longestEmail) return unfit('email', email.length, longestEmail);
  const contact: Record<string, unknown> = {};
  const custom: Record<string, string | number | null> = {};
  const values = [
    // A field that the account has no more is empty already.
    ...cleared
      .filter((name) => isOwnField(name) || fields.has(name.toLowerCase()))
      .map((name): [string, JsonValue] => [name, null]),
    ...Object.entries(traits),
  ];
  for (const [name, value] of values) {
    if (value === undefined) continue;
    const problem = isOwnField(name)
      ? setOwnField(contact, name, value)
      : setCustomField(custom, fields.get(name.toLowerCase()), name, value);
    if (problem !== null) return problem;
  }
  const hasCustom = Object.keys(custom).length > 0;
  return {
    kind: 'contact',
    contact: { ...contact, email, ...(hasCustom ? { custom_fields: custom } : {}) },
  };
}

function isOwnField(name: string): boolean {
  return Object.hasOwn(textLengths, name) || name === 'alternate_emails';
}

function setOwnField(
  contact: Record<string, unknown>,
  name: string,
  value: JsonValue,
): MappedContact | null {
  if (name === 'alternate_emails') return setAlternateEmails(contact, value);
  if (typeof value === 'object' && value !== null) {
    return { kind: 'unfit', reason: `${name} is no text` };
  }
  // An empty text clears a field of SendGrid's own.
  const text = value === null ? '' : String(value);
  const longest = textLengths[name] ?? 0;
  if (text.length > longest) return unfit(name, text.length, longest);
  contact[name] = text;
  return null;
}

function setAlternateEmails(
  contact: Record<string, unknown>,
  value: JsonValue,
): MappedContact | null {
  const list = value ?? [];
  const valid = Array.isArray(list) && list.every((item) => typeof item === 'string');
  if (!valid || list.length > mostAlternateEmails) {
    const reason = `alternate_emails is no list of at most ${mostAlternateEmails} addresses`;
    return { kind: 'unfit', reason };
  }
  contact['alternate_emails'] = list;
  return null;
}

function setCustomField(
  custom: Record<string, string | number | null>,
  field: CustomField | undefined,
  name: string,
  value: JsonValue,
): MappedContact | null {
  if (field === undefined) return { kind: 'unknown-field', name };
  const converted = convert(field.type, value);
  if (converted === undefined) {
    return { kind: 'unfit', reason: `${name} is no ${field.type.toLowerCase()}` };
  }
  custom[field.id] = converted;
  return null;
}

function convert(type: FieldType, value: JsonValue): string | number | null | undefined {
  if (value === null) return null;
  switch (type) {
    case 'Text':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'Number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    }
    case 'Date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
  }
}

function unfit(name: string, length: number, longest: number): MappedContact {
  const reason = `${name} has ${length} characters, SendGrid takes at most ${longest}`;
  return { kind: 'unfit', reason };
}
