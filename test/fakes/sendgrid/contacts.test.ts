import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgridFake, type SendgridFake } from './fake.ts';
import {
  ask,
  createClient,
  createManualClock,
  testKey,
  type Client,
  type ManualClock,
} from './testing.ts';

let clock: ManualClock;
let fake: SendgridFake;
let client: Client;

beforeEach(async () => {
  clock = createManualClock();
  fake = await startSendgridFake({
    apiKey: testKey,
    clock,
    delays: { upsert: 1_000, removal: 1_000, deletion: 1_000, erasure: 1_000 },
  });
  client = createClient(fake.url);
});
afterEach(() => fake.close());

async function putAndWait(body: object): Promise<Record<string, unknown>> {
  const put = await ask(client, 'PUT', '/v3/marketing/contacts', body);
  expect(put.status).toBe(202);
  clock.advance(1_000);
  const job = await ask(
    client,
    'GET',
    `/v3/marketing/contacts/imports/${String(put.body['job_id'])}`,
  );
  return job.body;
}

async function idOf(email: string): Promise<string> {
  const contact = fake.contact(email);
  if (contact === undefined) throw new Error(`${email} is not a contact`);
  return contact.id;
}

describe('putting contacts', () => {
  it('takes effect only when the job is due, and reports it', async () => {
    const list = fake.addList('Winback');
    const put = await ask(client, 'PUT', '/v3/marketing/contacts', {
      list_ids: [list],
      contacts: [{ email: 'Ada@Example.com', first_name: 'Ada' }],
    });
    expect(put.status).toBe(202);
    const status = `/v3/marketing/contacts/imports/${String(put.body['job_id'])}`;
    expect((await ask(client, 'GET', status)).body).toMatchObject({ status: 'pending' });
    expect(fake.members('Winback')).toEqual([]);

    clock.advance(1_000);
    expect((await ask(client, 'GET', status)).body).toMatchObject({
      status: 'completed',
      job_type: 'upsert',
      results: { requested_count: 1, created_count: 1, updated_count: 0, errored_count: 0 },
    });
    expect(fake.members('Winback')).toEqual(['ada@example.com']);
  });

  it('updates by lower-cased e-mail and leaves fields that were left out', async () => {
    await putAndWait({ contacts: [{ email: 'ada@example.com', first_name: 'Ada', city: 'Bath' }] });
    const job = await putAndWait({ contacts: [{ email: 'ADA@example.com', city: 'London' }] });
    expect(job['results']).toMatchObject({ created_count: 0, updated_count: 1 });
    expect(fake.contact('ada@example.com')?.fields).toEqual({ first_name: 'Ada', city: 'London' });
  });

  it('updates nothing unless all identifiers of the contact are present', async () => {
    const list = fake.addList('Winback');
    await putAndWait({ contacts: [{ email: 'ada@example.com', external_id: '42' }] });
    const refused = await putAndWait({
      list_ids: [list],
      contacts: [{ email: 'ada@example.com' }],
    });
    expect(refused).toMatchObject({ status: 'failed', results: { errored_count: 1 } });
    expect(fake.members('Winback')).toEqual([]);

    const taken = await putAndWait({
      list_ids: [list],
      contacts: [{ email: 'ada@example.com', external_id: '42' }],
    });
    expect(taken).toMatchObject({ status: 'completed' });
    expect(fake.members('Winback')).toEqual(['ada@example.com']);
  });

  it('keeps custom fields by id and names unknown ones in the file of errors', async () => {
    const field = fake.addField('tier', 'Text');
    const job = await putAndWait({
      contacts: [
        { email: 'ada@example.com', custom_fields: { [field]: 'gold' } },
        { email: 'bob@example.com', custom_fields: { tier: 'gold' } },
      ],
    });
    expect(job).toMatchObject({
      status: 'errored',
      results: { created_count: 1, errored_count: 1 },
    });
    expect(fake.contact('ada@example.com')?.customFields).toEqual({ tier: 'gold' });
    const { errors_url: url } = job['results'] as { errors_url: string };
    const file = await (await fetch(url)).text();
    expect(file).toContain('bob@example.com,custom field tier does not exist');
  });

  it.each([
    ['no identifier', { first_name: 'Ada' }, /at least one of/],
    ['a bad address', { email: 'nobody' }, /email 'nobody' is not valid/],
    ['a long name', { email: 'ada@example.com', first_name: 'a'.repeat(51) }, /first_name/],
    [
      'six alternates',
      { email: 'a@b.example', alternate_emails: Array(6).fill('c@d.example') },
      /5/,
    ],
  ])('refuses the whole request for %s', async (_what, contact, message) => {
    const { status, body } = await ask(client, 'PUT', '/v3/marketing/contacts', {
      contacts: [{ email: 'good@example.com' }, contact],
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body['errors'])).toMatch(message);
    clock.advance(10_000);
    expect(fake.contacts()).toEqual([]);
  });

  it('holds 30,000 contacts and 6 MB to be the most', async () => {
    const contacts = Array.from({ length: 30_001 }, (_, n) => ({ email: `p${n}@example.com` }));
    expect((await ask(client, 'PUT', '/v3/marketing/contacts', { contacts })).status).toBe(400);
    contacts.pop();
    expect((await ask(client, 'PUT', '/v3/marketing/contacts', { contacts })).status).toBe(202);
    const heavy = contacts.map((contact) => ({ ...contact, postal_code: 'x'.repeat(200) }));
    expect((await ask(client, 'PUT', '/v3/marketing/contacts', { contacts: heavy })).status).toBe(
      400,
    );
  });

  it('answers 404 for a list that does not exist', async () => {
    const { status } = await ask(client, 'PUT', '/v3/marketing/contacts', {
      list_ids: ['00000000-0000-4000-8000-000000000000'],
      contacts: [{ email: 'ada@example.com' }],
    });
    expect(status).toBe(404);
  });
});

describe('finding, removing and deleting contacts', () => {
  beforeEach(async () => {
    const list = fake.addList('Winback');
    await putAndWait({
      list_ids: [list],
      contacts: [{ email: 'ada@example.com' }, { email: 'bob@example.com' }],
    });
  });

  it('finds by e-mail in any case, says who is missing, and 404 where all are', async () => {
    const found = await ask(client, 'POST', '/v3/marketing/contacts/search/emails', {
      emails: ['ADA@example.com', 'eve@example.com'],
    });
    expect(found.body['result']).toMatchObject({
      'ada@example.com': { contact: { email: 'ada@example.com' } },
      'eve@example.com': { error: 'contact not found' },
    });
    const none = await ask(client, 'POST', '/v3/marketing/contacts/search/identifiers/email', {
      identifiers: ['eve@example.com'],
    });
    expect(none.status).toBe(404);
    const many = await ask(client, 'POST', '/v3/marketing/contacts/search/emails', {
      emails: Array.from({ length: 101 }, (_, n) => `p${n}@example.com`),
    });
    expect(many.status).toBe(400);
  });

  it('takes people off a list by contact id, later, and keeps the contacts', async () => {
    const [list] = fake.lists();
    const ids = [await idOf('ada@example.com'), await idOf('bob@example.com')].join(',');
    const path = `/v3/marketing/lists/${String(list?.id)}/contacts`;
    const removal = await ask(client, 'DELETE', `${path}?contact_ids=${ids}`);
    expect(removal.status).toBe(202);
    expect(fake.members('Winback')).toHaveLength(2);
    clock.advance(1_000);
    expect(fake.members('Winback')).toEqual([]);
    expect(fake.contacts()).toHaveLength(2);
    expect(fake.journal.at(-1)?.keys).toEqual([
      { key: 'ada@example.com', action: 'remove', list: list?.id },
      { key: 'bob@example.com', action: 'remove', list: list?.id },
    ]);
    expect((await ask(client, 'DELETE', `${path}?contact_ids=nobody`)).status).toBe(404);
  });

  it('deletes contacts with their membership', async () => {
    const id = await idOf('ada@example.com');
    expect((await ask(client, 'DELETE', `/v3/marketing/contacts?ids=${id}`)).status).toBe(202);
    clock.advance(1_000);
    expect(fake.members('Winback')).toEqual(['bob@example.com']);
    expect((await ask(client, 'GET', `/v3/marketing/contacts/${id}`)).status).toBe(404);
  });

  it('erases recipients, and refuses the request that has an invalid address', async () => {
    const refused = await ask(client, 'POST', '/v3/recipients/erasejob', {
      email_addresses: ['ada@example.com', 'nobody'],
    });
    expect(refused.body['errors']).toEqual([
      { message: 'Email_address nobody is not valid', field: 'email_addresses' },
    ]);
    const taken = await ask(client, 'POST', '/v3/recipients/erasejob', {
      email_addresses: ['Ada@example.com'],
    });
    expect(taken.status).toBe(202);
    expect(fake.erased()).toEqual([]);
    clock.advance(1_000);
    expect(fake.erased()).toEqual(['ada@example.com']);
    expect(fake.contact('ada@example.com')).toBeDefined();
  });
});

describe('lists and fields', () => {
  it('creates lists with unique names and pages through them', async () => {
    for (const name of ['One', 'Two', 'Three']) {
      expect((await ask(client, 'POST', '/v3/marketing/lists', { name })).status).toBe(201);
    }
    expect((await ask(client, 'POST', '/v3/marketing/lists', { name: 'One' })).status).toBe(400);
    const first = await ask(client, 'GET', '/v3/marketing/lists?page_size=2');
    const { next } = first.body['_metadata'] as { next: string };
    const rest = await ask(client, 'GET', next.slice(fake.url.length));
    expect(rest.body['result']).toMatchObject([{ name: 'Three', contact_count: 0 }]);
    expect(rest.body['_metadata']).not.toHaveProperty('next');
  });

  it('reads a list with its count and the newest contacts', async () => {
    const list = fake.addList('Winback');
    await putAndWait({ list_ids: [list], contacts: [{ email: 'ada@example.com' }] });
    const plain = await ask(client, 'GET', `/v3/marketing/lists/${list}`);
    expect(plain.body).toMatchObject({ id: list, name: 'Winback', contact_count: 1 });
    const sample = await ask(client, 'GET', `/v3/marketing/lists/${list}?contact_sample=true`);
    expect(sample.body['contact_sample']).toMatchObject([{ email: 'ada@example.com' }]);
    expect((await ask(client, 'DELETE', `/v3/marketing/lists/${list}`)).status).toBe(204);
    expect(fake.contact('ada@example.com')?.lists).toEqual([]);
  });

  it('defines fields under names that are unique in any case and not reserved', async () => {
    const path = '/v3/marketing/field_definitions';
    const made = await ask(client, 'POST', path, { name: 'Tier', field_type: 'Text' });
    expect(made.body).toMatchObject({ id: 'e1_T', name: 'Tier', field_type: 'Text' });
    for (const name of ['tier', 'email', '1st', 'a b']) {
      expect((await ask(client, 'POST', path, { name, field_type: 'Text' })).status).toBe(400);
    }
    const { body } = await ask(client, 'GET', path);
    expect(body['custom_fields']).toEqual([{ id: 'e1_T', name: 'Tier', field_type: 'Text' }]);
  });
});
