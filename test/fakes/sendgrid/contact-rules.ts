// What one contact in a PUT may look like. Breaking these refuses the whole request; what only shows
// when the job runs (unknown custom fields, missing identifiers) is in contact-upsert.ts.
import { identifierTypes } from './account.ts';
import { isEmail, isRecord, type JsonRecord } from './shapes.ts';
import { badRequest } from './vendor-error.ts';

export const mostContacts = 30_000;
export const mostContactBytes = 6 * 1024 * 1024;

const textLengths = {
  address_line_1: 100,
  address_line_2: 100,
  city: 60,
  country: 50,
  first_name: 50,
  last_name: 50,
  postal_code: Number.POSITIVE_INFINITY,
  state_province_region: 50,
} as const;
export const textFields: readonly string[] = Object.keys(textLengths);
const mostAlternateEmails = 5;
const longestIdentifier = 254;

export function checkContact(value: unknown): JsonRecord {
  if (!isRecord(value)) throw badRequest('contact must be an object', 'contacts');
  checkIdentifiers(value);
  checkAlternateEmails(value['alternate_emails']);
  for (const [field, longest] of Object.entries(textLengths)) {
    checkText(field, value[field], longest);
  }
  if (value['custom_fields'] !== undefined && !isRecord(value['custom_fields'])) {
    throw badRequest('custom_fields must be an object', 'contacts');
  }
  return value;
}

function checkIdentifiers(contact: JsonRecord): void {
  const present = identifierTypes.filter((type) => isPresent(contact[type]));
  if (present.length === 0) {
    throw badRequest(`at least one of ${identifierTypes.join(', ')} is required`, 'contacts');
  }
  for (const type of present) checkText(type, contact[type], longestIdentifier);
  const email = contact['email'];
  if (isPresent(email) && (typeof email !== 'string' || !isEmail(email))) {
    throw badRequest(`email '${String(email)}' is not valid`, 'contacts');
  }
  const phone = contact['phone_number_id'];
  if (isPresent(phone) && !/^\+?[0-9]{7,15}$/.test(String(phone))) {
    throw badRequest(`phone_number_id '${String(phone)}' is not valid`, 'contacts');
  }
}

function checkAlternateEmails(value: unknown): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || value.length > mostAlternateEmails) {
    throw badRequest(`alternate_emails must have at most ${mostAlternateEmails} items`, 'contacts');
  }
  for (const email of value) {
    if (typeof email !== 'string' || !isEmail(email)) {
      throw badRequest(`email '${String(email)}' is not valid`, 'contacts');
    }
  }
}

/** The message names the field and not the contact: a sender has to find out by itself. */
function checkText(field: string, value: unknown, longest: number): void {
  if (!isPresent(value)) return;
  if (typeof value !== 'string') throw badRequest(`${field} must be a string`, 'contacts');
  if (value.length > longest) {
    throw badRequest(`${field} must have at most ${longest} characters`, 'contacts');
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
