import fc from 'fast-check';
import { isPluginError } from '@tributary/sdk';
import type { MemberDelivery, Outcome } from '@tributary/sdk';
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
import { addMembers, removeMembers } from './audiences.ts';
import { pollJob } from './poll.ts';

const list = 'Winback';
let fake: SendgridFake;
let plugin: PluginUnderTest;

beforeEach(async () => {
  const waiting = { upsert: 60_000, removal: 60_000, deletion: 60_000, erasure: 60_000 };
  fake = await startSendgridFake({ apiKey: testKey, delays: waiting });
  fake.addList(list);
  plugin = openPlugin(fake);
});
afterEach(() => fake.close());

const ada = member('ada@example.com', { first_name: 'Ada' });
const bob = member('bob@example.com', { first_name: 'Bob' });

async function add(...deliveries: MemberDelivery[]): Promise<Record<string, Outcome>> {
  return byHandle(deliveries, await addMembers({ ...plugin.call, list, deliveries }));
}
async function remove(...deliveries: MemberDelivery[]): Promise<Record<string, Outcome>> {
  return byHandle(deliveries, await removeMembers({ ...plugin.call, list, deliveries }));
}
async function poll(outcome: Outcome | undefined, ...deliveries: MemberDelivery[]) {
  const job = jobOf(outcome);
  return byHandle(deliveries, await pollJob({ ...plugin.call, job, deliveries }));
}
/** Adds and lets the job run; returns the outcomes of the question about it. */
async function addAndSettle(...deliveries: MemberDelivery[]): Promise<Record<string, Outcome>> {
  const accepted = await add(...deliveries);
  fake.settle();
  return poll(accepted[deliveries[0]?.handle ?? ''], ...deliveries);
}
function kindsOf(outcomes: Record<string, Outcome>): Record<string, string> {
  return Object.fromEntries(Object.entries(outcomes).map(([handle, { kind }]) => [handle, kind]));
}
async function failure(action: Promise<unknown>): Promise<Record<string, unknown>> {
  const error: unknown = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isPluginError(error)) throw new Error(`no plugin error: ${String(error)}`);
  const { kind, message, retryAfterMs, vendorCode } = error;
  return { kind, message, retryAfterMs, vendorCode };
}

describe('adding members', () => {
  it('is accepted as a job, and delivered with the contact id once the job has run', async () => {
    const accepted = await add(ada, bob);
    expect(kindsOf(await poll(accepted[ada.handle], ada, bob))).toEqual({
      [ada.handle]: 'accepted',
      [bob.handle]: 'accepted',
    });
    expect(fake.members(list)).toEqual([]);
    fake.settle();
    const settled = await poll(accepted[ada.handle], ada, bob);
    expect(settled[ada.handle]).toEqual({
      kind: 'delivered',
      vendorId: fake.contact(ada.key)?.id,
    });
    expect(fake.members(list)).toEqual([ada.key, bob.key]);
    expect(fake.contact(ada.key)?.fields).toEqual({ first_name: 'Ada' });
  });

  it('rejects whom SendGrid names and delivers the rest in the next request', async () => {
    // Passes for an address until the vendor looks at it.
    const odd = member('odd(one@example.com');
    const outcomes = await add(ada, odd, bob);
    expect(kindsOf(outcomes)).toMatchObject({
      [ada.handle]: 'accepted',
      [odd.handle]: 'rejected',
      [bob.handle]: 'accepted',
    });
    expect(JSON.stringify(outcomes[odd.handle])).toMatch(/is not valid/);
    fake.settle();
    expect(fake.members(list)).toEqual([ada.key, bob.key]);
    expect(fake.journal.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  it('finds by halving whom a refusal does not name', async () => {
    const people = Array.from({ length: 50 }, (_, n) => member(`p${n}@example.com`));
    const wrong = member('wrong@example.com', { phone_number_id: 'none' });
    const outcomes = await add(...people.slice(0, 33), wrong, ...people.slice(33));
    expect(outcomes[wrong.handle]).toMatchObject({ kind: 'rejected', vendorCode: 400 });
    const others = people.map(({ handle }) => outcomes[handle]?.kind);
    expect(new Set(others)).toEqual(new Set(['accepted']));
    fake.settle();
    expect(fake.members(list)).toHaveLength(50);
  });

  it('rejects what cannot fit before anything is sent', async () => {
    const long = member('long@example.com', { first_name: 'x'.repeat(51) });
    const outcomes = await add(long);
    expect(outcomes[long.handle]).toEqual({
      kind: 'rejected',
      reason: 'first_name has 51 characters, SendGrid takes at most 50',
    });
    expect(fake.journal.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('sends one contact for two deliveries with one key', async () => {
    const twice = [ada, { ...ada, handle: 'second' }];
    expect(kindsOf(await add(...twice))).toEqual({ [ada.handle]: 'accepted', second: 'accepted' });
    expect(fake.journal.at(-1)?.keys).toHaveLength(1);
  });

  it('names further identifiers of a contact once SendGrid has asked for them', async () => {
    const other = openPlugin(fake);
    await addMembers({
      ...other.call,
      list,
      deliveries: [member('eve@example.com', { external_id: '42' })],
    });
    fake.settle();
    fake.account.lists.get(fake.lists()[0]?.id ?? '')?.members.clear();
    fake.account.contacts.forEach((contact) => contact.listIds.clear());

    const eve = member('eve@example.com', { first_name: 'Eve' });
    const first = await addAndSettle(eve, ada);
    expect(kindsOf(first)).toEqual({ [eve.handle]: 'retry', [ada.handle]: 'delivered' });
    expect(kindsOf(await addAndSettle(eve))).toEqual({ [eve.handle]: 'delivered' });
    expect(fake.contact(eve.key)).toMatchObject({
      identifiers: { external_id: '42' },
      fields: { first_name: 'Eve' },
      lists: [list],
    });
  });

  it('rejects with the words of the job for a contact that the job refused', async () => {
    const field = fake.addField('tier', 'Text');
    const tall = member('tall@example.com', { tier: 'gold' });
    const accepted = await add(tall, bob);
    fake.account.fields.delete(field);
    fake.settle();
    const settled = await poll(accepted[tall.handle], tall, bob);
    expect(settled[tall.handle]).toEqual({
      kind: 'rejected',
      reason: `custom field ${field} does not exist`,
    });
    expect(settled[bob.handle]).toMatchObject({ kind: 'delivered' });
  });

  it('waits, and loses nobody, while the list or a field has not been made', async () => {
    const missing = { ...plugin.call, list: 'Nobody made this', deliveries: [ada] };
    const outcome = {
      kind: 'retry',
      reason: "list 'Nobody made this' does not exist at SendGrid; run setup for this instance",
      because: 'not_sent',
      retryAfterMs: 5_000,
    };
    expect(await addMembers(missing)).toEqual([{ handle: ada.handle, outcome }]);
    expect(await removeMembers(missing)).toEqual([{ handle: ada.handle, outcome }]);
    const eve = member('eve@example.com', { tier: 'gold' });
    expect(await add(eve, bob)).toMatchObject({
      [eve.handle]: { kind: 'retry', because: 'not_sent' },
      [bob.handle]: { kind: 'accepted' },
    });
    fake.addField('Tier', 'Text');
    expect(kindsOf(await add(eve))).toEqual({ [eve.handle]: 'accepted' });
  });
});

describe('a refusal that is about no contact', () => {
  it('of the list makes everybody wait', async () => {
    const body = { errors: [{ field: 'list_ids', message: 'invalid list id' }] };
    fake.script({ kind: 'status', status: 400, body, method: 'PUT', times: 100 });
    expect(await add(ada, bob)).toMatchObject({
      [ada.handle]: { kind: 'retry', because: 'not_sent' },
      [bob.handle]: { kind: 'retry', because: 'not_sent' },
    });
  });

  it('of a whole job is tried again', async () => {
    const accepted = await add(ada, bob);
    const body = { status: 'failed', results: { requested_count: 2 } };
    fake.script({ kind: 'unknown-answer', status: 200, body, path: '*/imports/*' });
    expect(kindsOf(await poll(accepted[ada.handle], ada, bob))).toEqual({
      [ada.handle]: 'retry',
      [bob.handle]: 'retry',
    });
  });
});

describe('removing members', () => {
  it('takes off the list by the remembered id and confirms by looking', async () => {
    const added = await addAndSettle(ada, bob);
    const before = fake.journal.length;
    const vendorId = fake.contact(ada.key)?.id;
    expect(added[ada.handle]).toMatchObject({ vendorId });
    const known = member(ada.key, {}, vendorId);
    const removed = await remove(known);
    expect(fake.journal.slice(before).map(({ method }) => method)).toEqual(['DELETE']);
    expect(kindsOf(await poll(removed[ada.handle], known))).toEqual({ [ada.handle]: 'accepted' });
    fake.settle();
    expect(kindsOf(await poll(removed[ada.handle], known))).toEqual({ [ada.handle]: 'delivered' });
    expect(fake.members(list)).toEqual([bob.key]);
    expect(fake.contact(ada.key)).toBeDefined();
  });

  it('looks the id up where none is known or the known one is out of date', async () => {
    await addAndSettle(ada, bob);
    const stale = member(bob.key, {}, '00000000-0000-4000-8000-000000000000');
    expect(kindsOf(await remove(ada, stale))).toEqual({
      [ada.handle]: 'accepted',
      [bob.handle]: 'accepted',
    });
    fake.settle();
    expect(fake.members(list)).toEqual([]);
  });

  it('does not overtake an addition that has not run yet', async () => {
    await add(ada);
    expect(await remove(ada)).toEqual({
      [ada.handle]: {
        kind: 'retry',
        reason: 'SendGrid is still adding this contact',
        because: 'not_sent',
        retryAfterMs: 5_000,
      },
    });
    fake.settle();
    expect(kindsOf(await remove(ada))).toEqual({ [ada.handle]: 'accepted' });
    fake.settle();
    expect(fake.members(list)).toEqual([]);
  });

  it('looks once more for a contact that another process may still be adding', async () => {
    const other = openPlugin(fake, { absenceGraceMs: 500 });
    const [outcome] = await removeMembers({ ...other.call, list, deliveries: [ada] });
    expect(outcome?.outcome).toMatchObject({ kind: 'accepted', pollAfterMs: 500 });
    await addAndSettle(ada);
    expect(kindsOf(await poll(outcome?.outcome, ada))).toEqual({ [ada.handle]: 'retry' });
  });

  it('looks once more after an addition whose answer was lost, which may run after it', async () => {
    const slow = { upsert: 60_000, removal: 0, deletion: 0, erasure: 0 };
    const vendor = await startSendgridFake({ apiKey: testKey, delays: slow });
    vendor.addList(list);
    const own = openPlugin(vendor, { absenceGraceMs: 100 });
    await own.call.clock.sleep(150);
    const call = { ...own.call, list, deliveries: [ada] };
    const ask = async (outcome: Outcome | undefined): Promise<Outcome | undefined> =>
      (await pollJob({ ...call, job: jobOf(outcome) }))[0]?.outcome;
    await addMembers(call);
    vendor.settle();
    vendor.script({ method: 'PUT', kind: 'cut-answer' });
    expect((await addMembers(call))[0]?.outcome).toMatchObject({ kind: 'in_doubt' });

    const [removed] = await removeMembers(call);
    const gone = await ask(removed?.outcome);
    expect(gone).toMatchObject({ kind: 'accepted', pollAfterMs: 100 });
    vendor.settle();
    expect(vendor.members(list)).toEqual([ada.key]);
    expect(await ask(gone)).toMatchObject({ kind: 'retry' });

    const [again] = await removeMembers(call);
    expect(await ask(await ask(again?.outcome))).toMatchObject({ kind: 'delivered' });
    expect(vendor.members(list)).toEqual([]);
    await vendor.close();
  });

  it('sends nothing for whom SendGrid does not have', async () => {
    expect(kindsOf(await remove(ada))).toEqual({ [ada.handle]: 'delivered' });
    expect(fake.journal.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });
});

describe('when SendGrid fails', () => {
  it.each([
    [{ kind: 'unauthorized' }, { kind: 'auth', vendorCode: 401 }],
    [{ kind: 'status', status: 403 }, { kind: 'auth' }],
    [{ kind: 'status', status: 503 }, { kind: 'transient' }],
  ] as const)('says who must act: %j', async (fault, expected) => {
    fake.script({ ...fault, method: 'PUT' });
    expect(await failure(add(ada))).toMatchObject(expected);
  });

  it('waits until the limit resets, though no Retry-After says so', async () => {
    fake.script({ kind: 'rate-limited', resetSeconds: 7, method: 'PUT' });
    const { kind, retryAfterMs } = await failure(add(ada));
    expect(kind).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(5_900);
    expect(retryAfterMs).toBeLessThanOrEqual(8_000);
  });

  it.each([
    { kind: 'lost-answer' },
    { kind: 'cut-answer' },
    { kind: 'unknown-answer', status: 202 },
    { kind: 'unknown-answer', status: 302 },
    { kind: 'reset' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502, body: '<html>' },
  ] as const)('leaves in doubt what %j hides, and repeats it without harm', async (fault) => {
    await add(bob);
    fake.script({ ...fault, method: 'PUT' });
    expect(kindsOf(await add(ada))).toEqual({ [ada.handle]: 'in_doubt' });
    expect(kindsOf(await addAndSettle(ada))).toEqual({ [ada.handle]: 'delivered' });
    expect(fake.members(list)).toEqual([ada.key, bob.key]);
  });

  it('keeps what was taken when a later request of the batch fails', async () => {
    const wrong = member('wrong@example.com', { phone_number_id: 'none' });
    fake.script({ kind: 'rate-limited', method: 'PUT', nth: 3, times: 10 });
    const outcomes = await add(ada, bob, wrong, member('eve@example.com'));
    expect(kindsOf(outcomes)).toEqual({
      [ada.handle]: 'accepted',
      [bob.handle]: 'accepted',
      [wrong.handle]: 'retry',
      'eve@example.com': 'retry',
    });
    expect(outcomes[wrong.handle]).toMatchObject({ because: 'rate_limited' });
    expect(outcomes['eve@example.com']).toMatchObject({ because: 'rate_limited' });
  });

  it('costs no attempt to those whom a later request would have carried', async () => {
    const wrong = member('wrong@example.com', { phone_number_id: 'none' });
    fake.script({ kind: 'status', status: 503, method: 'PUT', nth: 2, times: 10 });
    const outcomes = await add(ada, bob, wrong, member('eve@example.com'));
    expect(outcomes[ada.handle]).toMatchObject({ kind: 'retry', because: 'transient' });
    expect(outcomes['eve@example.com']).toMatchObject({ kind: 'retry', because: 'not_sent' });
  });

  it('asks again about a job that SendGrid no longer knows only where nothing shows it', async () => {
    const [first, second] = [await add(ada), await add(bob)];
    fake.settle();
    fake.account.contacts.delete(fake.contact(bob.key)?.id ?? '');
    fake.script({ kind: 'status', status: 404, path: '*/imports/*', times: 2 });
    expect(kindsOf(await poll(first[ada.handle], ada))).toEqual({ [ada.handle]: 'delivered' });
    expect(kindsOf(await poll(second[bob.handle], bob))).toEqual({ [bob.handle]: 'retry' });
  });

  it('sends nothing once the call is over, and stops waiting when it ends', async () => {
    const controller = new AbortController();
    const stopping = openPlugin(fake, {}, controller.signal);
    fake.script({ kind: 'lost-answer', method: 'PUT' });
    const running = addMembers({ ...stopping.call, list, deliveries: [ada] });
    setTimeout(() => controller.abort(), 50);
    const started = performance.now();
    expect((await running)[0]?.outcome.kind).toBe('in_doubt');
    expect(performance.now() - started).toBeLessThan(600);
    const after = addMembers({ ...stopping.call, list, deliveries: [ada] });
    expect(await failure(after)).toMatchObject({ kind: 'transient' });
  });

  it('shows neither key nor address in an error', async () => {
    fake.script({ kind: 'status', status: 403, message: `no ${ada.key}`, method: 'PUT' });
    const { message } = await failure(add(ada));
    expect(message).toBe('answered 403: no [address]');
    const wrong = openPlugin(fake, { apiKey: 'SG.secret-secret' });
    const error: unknown = await addMembers({ ...wrong.call, list, deliveries: [ada] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
  });
});

describe('whatever goes wrong on the way', () => {
  it('every handle has one outcome and the list ends as it should', async () => {
    const fault = fc.constantFrom(
      { kind: 'rate-limited' } as const,
      { kind: 'status', status: 503 } as const,
      { kind: 'status', status: 500 } as const,
      { kind: 'reset' } as const,
      { kind: 'cut-answer' } as const,
      { kind: 'unknown-answer' } as const,
    );
    const faults = fc.array(fc.record({ fault, nth: fc.integer({ min: 1, max: 6 }) }), {
      maxLength: 4,
    });
    const people = fc.subarray([0, 1, 2, 3, 4, 5].map((n) => member(`p${n}@example.com`)));
    await fc.assert(
      fc.asyncProperty(faults, people, people, async (scripted, first, second) => {
        plugin = openPlugin(fake);
        fake.clearFaults();
        for (const { fault: kind, nth } of scripted) fake.script({ ...kind, nth });
        await drive(addMembers, first);
        await drive(removeMembers, second);
        const expected = first.filter((person) => !second.includes(person));
        expect(fake.members(list)).toEqual(expected.map(({ key }) => key).toSorted());
        fake.clearFaults();
        await drive(removeMembers, first);
      }),
      { numRuns: 25 },
    );
  });

  /** What the hub does until nothing is left to do: send, ask about jobs, send again. */
  async function drive(
    send: typeof addMembers,
    deliveries: readonly MemberDelivery[],
  ): Promise<void> {
    let open = [...deliveries];
    for (let round = 0; open.length > 0; round += 1) {
      if (round > 30) throw new Error(`${open.length} never end`);
      const outcomes = await attempt(() => send({ ...plugin.call, list, deliveries: open }));
      fake.settle();
      const jobs = Map.groupBy(outcomes, ({ outcome }) =>
        outcome.kind === 'accepted' ? outcome.job : outcome.kind,
      );
      const done = new Set(jobs.get('delivered')?.map(({ handle }) => handle));
      for (const [job, members] of jobs) {
        if (!job.includes('/')) continue;
        const asked = open.filter(({ handle }) => members.some((other) => other.handle === handle));
        const answers = await attempt(() => pollJob({ ...plugin.call, job, deliveries: asked }));
        for (const { handle, outcome } of answers)
          if (outcome.kind === 'delivered') done.add(handle);
      }
      open = open.filter(({ handle }) => !done.has(handle));
    }
  }

  async function attempt<Result>(action: () => Promise<Result[]>): Promise<Result[]> {
    try {
      return await action();
    } catch (error) {
      if (!isPluginError(error)) throw error;
      return [];
    }
  }
});

describe('a delivery', () => {
  it('goes back under its handle, however strange', async () => {
    const strange = { ...delivery(ada.key), handle: '../☃', traits: {} };
    expect(Object.keys(await add(strange))).toEqual(['../☃']);
  });
});
