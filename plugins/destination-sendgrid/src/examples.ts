// What becomes of a person's traits at SendGrid. Run as tests, printed in the docs.
import type { JsonObject } from '@tributary/sdk';
import type { CustomField, MappedContact } from './map.ts';

export interface MappingExample {
  readonly title: string;
  readonly in: {
    readonly email: string;
    readonly traits: JsonObject;
    readonly cleared?: readonly string[];
  };
  readonly out: MappedContact;
}

/** The account that the examples speak of. */
export const exampleFields: readonly CustomField[] = [
  { id: 'e1_T', name: 'tier', type: 'Text' },
  { id: 'e2_N', name: 'lifetime_value', type: 'Number' },
  { id: 'e3_D', name: 'last_order_at', type: 'Date' },
];

export const examples: readonly MappingExample[] = [
  {
    title: 'SendGrid’s own fields go by name',
    in: { email: 'ada@example.com', traits: { first_name: 'Ada', postal_code: 10115 } },
    out: {
      kind: 'contact',
      contact: { email: 'ada@example.com', first_name: 'Ada', postal_code: '10115' },
    },
  },
  {
    title: 'custom fields go by id, in the type of the field',
    in: {
      email: 'ada@example.com',
      traits: { Tier: 'gold', lifetime_value: '199.90', last_order_at: '2026-03-01T10:00:00Z' },
    },
    out: {
      kind: 'contact',
      contact: {
        email: 'ada@example.com',
        custom_fields: { e1_T: 'gold', e2_N: 199.9, e3_D: '2026-03-01T10:00:00Z' },
      },
    },
  },
  {
    title: 'a trait that is gone empties its field',
    in: { email: 'ada@example.com', traits: {}, cleared: ['first_name', 'tier'] },
    out: {
      kind: 'contact',
      contact: { email: 'ada@example.com', first_name: '', custom_fields: { e1_T: null } },
    },
  },
  {
    title: 'a field that the account has no more needs no emptying',
    in: { email: 'ada@example.com', traits: {}, cleared: ['shoe_size'] },
    out: { kind: 'contact', contact: { email: 'ada@example.com' } },
  },
  {
    title: 'a value of another type is rejected for this person alone',
    in: { email: 'ada@example.com', traits: { lifetime_value: 'a lot' } },
    out: { kind: 'unfit', reason: 'lifetime_value is no number' },
  },
  {
    title: 'a value that is too long is rejected, not cut',
    in: { email: 'ada@example.com', traits: { city: 'x'.repeat(61) } },
    out: { kind: 'unfit', reason: 'city has 61 characters, SendGrid takes at most 60' },
  },
  {
    title: 'a field that the account lacks waits for setup',
    in: { email: 'ada@example.com', traits: { shoe_size: 38 } },
    out: { kind: 'unknown-field', name: 'shoe_size' },
  },
];
