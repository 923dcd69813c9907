import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkContact } from '../../../test/fakes/sendgrid/contact-rules.ts';
import { exampleFields, examples } from './examples.ts';
import { readJob, writeJob, jobKinds } from './jobs.ts';
import { emailKey, mapContact } from './map.ts';
import { mentions } from './put-contacts.ts';

const fields = new Map(exampleFields.map((field) => [field.name, field]));

describe('mapping a person to a contact', () => {
  it.each(examples.map((example) => [example.title, example] as const))('%s', (_title, example) => {
    const { email, traits, cleared } = example.in;
    expect(mapContact(email, traits, fields, cleared)).toEqual(example.out);
  });

  it('never makes a contact that the vendor’s rules refuse', () => {
    const name = fc.constantFrom(
      'first_name',
      'city',
      'country',
      'postal_code',
      'tier',
      'lifetime_value',
    );
    const value = fc.oneof(
      fc.string({ maxLength: 120 }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value), (traits) => {
        const mapped = mapContact('ada@example.com', traits, fields);
        if (mapped.kind !== 'contact') return;
        const sent: unknown = JSON.parse(JSON.stringify(mapped.contact));
        expect(checkContact(sent)).toMatchObject({ email: 'ada@example.com' });
      }),
    );
  });

  it('knows an address by the form in which SendGrid gives it back', () => {
    expect(emailKey(' Ada@Example.COM ')).toBe('ada@example.com');
  });
});

describe('the words of the vendor', () => {
  it.each([
    ["email 'ada@example.com' is not valid", true],
    ['Email_address ADA@example.com is not valid', true],
    ["email 'fada@example.com' is not valid", false],
    ["email 'ada@example.company' is not valid", false],
    ["email 'fada@example.com', email 'ada@example.com'", true],
    ['too many requests', false],
  ])('%s', (words, expected) => {
    expect(mentions(words, 'ada@example.com')).toBe(expected);
  });
});

describe('the words of a job', () => {
  it('are read as they were written, whatever ids the vendor makes', () => {
    const job = fc.record({
      kind: fc.constantFrom(...jobKinds),
      listId: fc.string(),
      id: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      startedAt: fc.nat(),
    });
    fc.assert(
      fc.property(job, (written) => {
        expect(readJob(writeJob(written))).toEqual(written);
      }),
    );
  });
});
