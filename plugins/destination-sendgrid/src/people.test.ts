import { isPluginError } from '@tributary/sdk';
import type { JsonObject, Outcome, ProfileDelivery } from '@tributary/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgridFake, type SendgridFake } from '../../../test/fakes/sendgrid/fake.ts';
import {
  byHandle,
  delivery,
  jobOf,
  member,
  openPlugin,
  type PluginUnderTest,
} from '../../../test/fakes/sendgrid/plugin-calls.ts';
import { testKey } from '../../../test/fakes/sendgrid/testing.ts';
import { addMembers } from './audiences.ts';
import { erasePeople } from './erase.ts';
import { pollJob } from './poll.ts';
import { upsertProfiles } from './profiles.ts';
import { checkCredentials, createMissing } from './setup.ts';

let fake: SendgridFake;
let plugin: PluginUnderTest;

beforeEach(async () => {
  const waiting = { upsert: 60_000, removal: 60_000, deletion: 60_000, erasure: 60_000 };
  fake = await startSendgridFake({ apiKey: testKey, delays: waiting });
  plugin = openPlugin(fake, { customFields: { tier: 'Text', lifetime_value: 'Number' } });
});
afterEach(() => fake.close());

function profile(
  email: string,
  previous: JsonObject | null,
  next: JsonObject | null,
): ProfileDelivery {
  return { ...delivery(email), profileId: `profile of ${email}`, previous, next };
}

async function upsert(...deliveries: ProfileDelivery[]): Promise<Record<string, Outcome>> {
  return byHandle(deliveries, await upsertProfiles({ ...plugin.call, deliveries }));
}

async function settled(outcome: Outcome | undefined, email: string): Promise<string | undefined> {
  fake.settle();
  const job = jobOf(outcome);
  const answers = await pollJob({ ...plugin.call, job, deliveries: [delivery(email)] });
  return answers[0]?.outcome.kind;
}

describe('profiles', () => {
  const email = 'ada@example.com';

  beforeEach(async () => {
    await createMissing({ ...plugin.call, lists: [] });
  });

  it('are written with custom fields by id, and emptied where a trait is gone', async () => {
    const first = { first_name: 'Ada', tier: 'gold', lifetime_value: '12.5' };
    const written = await upsert(profile(email, null, first));
    expect(await settled(written[email], email)).toBe('delivered');
    expect(fake.contact(email)).toMatchObject({
      fields: { first_name: 'Ada' },
      customFields: { tier: 'gold', lifetime_value: 12.5 },
      lists: [],
    });
    const changed = await upsert(profile(email, first, { tier: 'silver' }));
    expect(await settled(changed[email], email)).toBe('delivered');
    expect(fake.contact(email)).toMatchObject({ fields: { first_name: '' } });
    expect(fake.contact(email)?.customFields).toEqual({ tier: 'silver' });
  });

  it('lose what was written, and nothing else, when the person should no longer be there', async () => {
    const list = fake.addList('Winback');
    const own = { first_name: 'Ada', tier: 'gold' };
    await upsert(profile(email, null, own), profile('bob@example.com', null, {}));
    await addMembers({
      ...plugin.call,
      list,
      deliveries: [member(email, { city: 'Oslo' })],
    });
    fake.settle();
    const outcomes = await upsert(
      profile(email, own, null),
      profile('bob@example.com', {}, { first_name: 'Bob' }),
      profile('eve@example.com', {}, null),
    );
    expect(outcomes['eve@example.com']).toEqual({ kind: 'delivered' });
    expect(await settled(outcomes[email], email)).toBe('delivered');
    expect(fake.contact(email)).toMatchObject({
      fields: { first_name: '', city: 'Oslo' },
      customFields: {},
      lists: ['Winback'],
    });
    expect(fake.members('Winback')).toEqual([email]);
    expect(fake.contacts().map(({ key }) => key)).toEqual([email, 'bob@example.com']);
  });

  it('lose the identifiers that were written too, and keep those of others', async () => {
    const own = { external_id: '42', first_name: 'Ada' };
    await upsert(profile(email, null, { ...own, anonymous_id: 'theirs' }));
    fake.settle();
    const first = await upsert(profile(email, own, null));
    expect(first[email]).toMatchObject({ kind: 'retry', because: 'not_sent' });
    fake.settle();
    const second = await upsert(profile(email, own, null));
    expect(await settled(second[email], email)).toBe('delivered');
    expect(fake.contact(email)).toMatchObject({
      identifiers: { email, anonymous_id: 'theirs' },
      fields: { first_name: '' },
    });
    expect(fake.contact(email)?.identifiers).not.toHaveProperty('external_id');
  });

  it('are taken back only once SendGrid has written them', async () => {
    const own = { first_name: 'Ada' };
    await upsert(profile(email, null, own));
    const early = await upsert(profile(email, own, null));
    expect(early[email]).toMatchObject({ kind: 'retry', because: 'not_sent' });
    fake.settle();
    const outcomes = await upsert(profile(email, own, null));
    expect(await settled(outcomes[email], email)).toBe('delivered');
    expect(fake.contact(email)).toMatchObject({ fields: { first_name: '' } });
  });

  it('are looked for once more where another process may still be writing them', async () => {
    const own = { first_name: 'Ada' };
    const { call } = openPlugin(fake, { absenceGraceMs: 500 });
    const [gone] = await upsertProfiles({ ...call, deliveries: [profile(email, own, null)] });
    expect(gone?.outcome).toMatchObject({ kind: 'accepted', pollAfterMs: 500 });
    await upsert(profile(email, null, own));
    expect(await settled(gone?.outcome, email)).toBe('retry');
  });

  it('wait, written or not, while SendGrid wants to be left alone', async () => {
    fake.script({ kind: 'rate-limited', path: '*/search/emails' });
    const both = upsert(profile(email, null, {}), profile('bob@example.com', {}, null));
    await expect(both).rejects.toMatchObject({ kind: 'rate_limited' });
  });
});

describe('erasure', () => {
  const email = 'ada@example.com';

  it('deletes the contact, erases the recipient, and is confirmed by absence', async () => {
    fake.addList('Winback');
    await addMembers({ ...plugin.call, list: 'Winback', deliveries: [member(email)] });
    fake.settle();
    const deliveries = [delivery(email), delivery('nobody@example.com')];
    const outcomes = byHandle(deliveries, await erasePeople({ ...plugin.call, deliveries }));
    expect(outcomes['nobody@example.com']).toEqual({ kind: 'delivered' });
    expect(await settled(outcomes[email], email)).toBe('delivered');
    expect(fake.contacts()).toEqual([]);
    expect(fake.members('Winback')).toEqual([]);
    expect(fake.erased()).toEqual([email, 'nobody@example.com']);
    const again = byHandle(deliveries, await erasePeople({ ...plugin.call, deliveries }));
    expect(again[email]).toEqual({ kind: 'delivered' });
  });

  it('reaches the others when SendGrid refuses an address', async () => {
    const deliveries = [delivery('odd(one@example.com'), delivery(email)];
    const outcomes = byHandle(deliveries, await erasePeople({ ...plugin.call, deliveries }));
    expect(outcomes).toMatchObject({
      'odd(one@example.com': {
        kind: 'rejected',
        reason: expect.stringMatching(/\[address\].* is not valid/),
      },
      [email]: { kind: 'delivered' },
    });
    fake.settle();
    expect(fake.erased()).toEqual([email]);
  });

  it.each(['a list', 'no list'])('does not overtake an addition to %s', async (where) => {
    fake.addList('Winback');
    const deliveries = [delivery(email)];
    if (where === 'no list') await upsert(profile(email, null, {}));
    else await addMembers({ ...plugin.call, list: 'Winback', deliveries: [member(email)] });
    const both = [...deliveries, delivery('nobody@example.com')];
    const early = byHandle(both, await erasePeople({ ...plugin.call, deliveries: both }));
    expect(early).toMatchObject({
      [email]: { kind: 'retry', because: 'not_sent', retryAfterMs: 5_000 },
      'nobody@example.com': { kind: 'delivered' },
    });
    fake.settle();
    expect(fake.erased()).toEqual(['nobody@example.com']);
    const outcomes = byHandle(deliveries, await erasePeople({ ...plugin.call, deliveries }));
    expect(await settled(outcomes[email], email)).toBe('delivered');
    expect(fake.contacts()).toEqual([]);
    expect(fake.erased()).toEqual(['nobody@example.com', email]);
  });

  it('looks once more for a contact that another process may still be adding', async () => {
    fake.addList('Winback');
    const deliveries = [delivery(email)];
    const { call } = openPlugin(fake, { absenceGraceMs: 500 });
    const [outcome] = await erasePeople({ ...call, deliveries });
    expect(outcome?.outcome).toMatchObject({ kind: 'accepted', pollAfterMs: 500 });
    await addMembers({ ...plugin.call, list: 'Winback', deliveries: [member(email)] });
    expect(await settled(outcome?.outcome, email)).toBe('retry');
  });

  it('looks once more after an addition whose answer was lost, which may run after it', async () => {
    const slow = { upsert: 60_000, removal: 0, deletion: 0, erasure: 0 };
    const vendor = await startSendgridFake({ apiKey: testKey, delays: slow });
    vendor.addList('Winback');
    const { call } = openPlugin(vendor, { absenceGraceMs: 100 });
    await call.clock.sleep(150);
    const deliveries = [delivery(email)];
    const add = { ...call, list: 'Winback', deliveries: [member(email)] };
    const ask = async (outcome: Outcome | undefined): Promise<Outcome | undefined> =>
      (await pollJob({ ...call, job: jobOf(outcome), deliveries }))[0]?.outcome;
    await addMembers(add);
    vendor.settle();
    vendor.script({ method: 'PUT', kind: 'cut-answer' });
    expect((await addMembers(add))[0]?.outcome).toMatchObject({ kind: 'in_doubt' });

    const [erased] = await erasePeople({ ...call, deliveries });
    const gone = await ask(erased?.outcome);
    expect(gone).toMatchObject({ kind: 'accepted', pollAfterMs: 100 });
    vendor.settle();
    expect(vendor.members('Winback')).toEqual([email]);
    expect(await ask(gone)).toMatchObject({ kind: 'retry' });

    const [again] = await erasePeople({ ...call, deliveries });
    expect(await ask(await ask(again?.outcome))).toMatchObject({ kind: 'delivered' });
    expect(vendor.contacts()).toEqual([]);
    await vendor.close();
  });

  it('is not done while the contact could not be deleted', async () => {
    fake.addList('Winback');
    await addMembers({ ...plugin.call, list: 'Winback', deliveries: [member(email)] });
    fake.settle();
    fake.script({ kind: 'lost-answer', method: 'DELETE' });
    const deliveries = [delivery(email)];
    const outcomes = byHandle(deliveries, await erasePeople({ ...plugin.call, deliveries }));
    expect(outcomes[email]).toMatchObject({ kind: 'in_doubt' });
  });
});

describe('setup', () => {
  it('makes missing lists and fields once, and names them', async () => {
    fake.addList('Already there');
    const lists = ['Winback', 'Already there'];
    expect(await createMissing({ ...plugin.call, lists })).toEqual({
      created: ['list Winback', 'custom field tier', 'custom field lifetime_value'],
    });
    expect(await createMissing({ ...plugin.call, lists })).toEqual({ created: [] });
    expect(fake.lists().map(({ name }) => name)).toEqual(['Already there', 'Winback']);
  });

  it('finds lists beyond the first thousand', async () => {
    for (let n = 0; n < 1_001; n += 1) fake.addList(`List ${n}`);
    expect(await createMissing({ ...openPlugin(fake).call, lists: ['List 1000'] })).toEqual({
      created: [],
    });
  });

  it('says what SendGrid refused', async () => {
    const refused = createMissing({ ...plugin.call, lists: ['x'.repeat(101)] });
    await expect(refused).rejects.toThrow(/was refused: name must have/);
  });
});

describe('the check of credentials', () => {
  const withMail = { mail: { fromEmail: 'shop@example.com', sandbox: false } };

  it('passes with a key that may do everything', async () => {
    await checkCredentials(plugin.call);
    expect(plugin.warnings).toEqual([]);
  });

  it('warns of a key that cannot erase', async () => {
    const narrow = await startSendgridFake({ apiKey: testKey, scopes: ['marketing.read'] });
    const { call, warnings } = openPlugin(narrow);
    await checkCredentials(call);
    expect(warnings).toHaveLength(1);
    const noMail = checkCredentials(openPlugin(narrow, withMail).call);
    await expect(noMail).rejects.toThrow('the API key lacks the permission Mail Send');
    await narrow.close();
  });

  it('fails as a matter of credentials with another key', async () => {
    const error: unknown = await checkCredentials(openPlugin(fake, { apiKey: 'SG.x' }).call).catch(
      (thrown: unknown) => thrown,
    );
    expect(isPluginError(error) && error.kind).toBe('auth');
  });
});
