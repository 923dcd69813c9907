import type { ActionDelivery, JsonObject, Outcome } from '@tributary/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgridFake, type SendgridFake } from '../../../test/fakes/sendgrid/fake.ts';
import {
  byHandle,
  delivery,
  openPlugin,
  type PluginUnderTest,
} from '../../../test/fakes/sendgrid/plugin-calls.ts';
import { testKey } from '../../../test/fakes/sendgrid/testing.ts';
import plugin from './index.ts';
import { sendMails } from './mail.ts';

let fake: SendgridFake;
let opened: PluginUnderTest;
const sender = { fromEmail: 'shop@example.com', fromName: 'Shop', sandbox: false };

beforeEach(async () => {
  fake = await startSendgridFake({ apiKey: testKey });
  opened = openPlugin(fake, { mail: sender });
});
afterEach(() => fake.close());

function action(
  email: string,
  parameters: JsonObject = { templateId: 'd-cart' },
  traits: JsonObject = { firstName: 'Ada' },
): ActionDelivery {
  const actionId = `action ${email}`;
  return { ...delivery(email), actionId, audience: 'cart', profileId: 'p', traits, parameters };
}

async function send(...deliveries: ActionDelivery[]): Promise<Record<string, Outcome>> {
  return byHandle(deliveries, await sendMails({ ...opened.call, deliveries }));
}

describe('mail on entering an audience', () => {
  it('never repeats itself: the hub is told that an unknown result stays in doubt', () => {
    expect(plugin.actions?.['mail']?.idempotent).toBe(false);
  });

  it('sends each person her own mail from the template, under an opaque id', async () => {
    const group = fake.addGroup('Carts', 'Reminders about carts');
    const parameters = { templateId: 'd-cart', groupId: group };
    const outcomes = await send(
      action('ada@example.com', parameters),
      action('bob@example.com', parameters),
    );
    expect(outcomes).toEqual({
      'ada@example.com': { kind: 'delivered' },
      'bob@example.com': { kind: 'delivered' },
    });
    expect(fake.mails()).toMatchObject([
      {
        to: 'ada@example.com',
        templateId: 'd-cart',
        groupId: group,
        data: { firstName: 'Ada' },
        customArgs: { tributary_action: 'action ada@example.com' },
      },
      { to: 'bob@example.com' },
    ]);
    expect(fake.journal).toHaveLength(1);
    expect(fake.journal[0]?.body).toMatchObject({
      from: { email: 'shop@example.com', name: 'Shop' },
    });
  });

  it('makes one request per template and group', async () => {
    await send(action('ada@example.com'), action('bob@example.com', { templateId: 'd-other' }));
    expect(fake.mails().map(({ templateId }) => templateId)).toEqual(['d-cart', 'd-other']);
    expect(fake.journal).toHaveLength(2);
  });

  it('sends nothing in sandbox mode', async () => {
    opened = openPlugin(fake, { mail: { ...sender, sandbox: true } });
    expect(await send(action('ada@example.com'))).toEqual({
      'ada@example.com': { kind: 'delivered' },
    });
    expect(fake.mails()).toEqual([]);
  });

  it('rejects the address that SendGrid refuses and mails the others once', async () => {
    const outcomes = await send(
      action('ada@example.com'),
      action('odd(one@example.com'),
      action('bob@example.com'),
    );
    expect(outcomes).toMatchObject({
      'ada@example.com': { kind: 'delivered' },
      'odd(one@example.com': { kind: 'rejected', reason: 'Does not contain a valid address.' },
      'bob@example.com': { kind: 'delivered' },
    });
    expect(fake.mails().map(({ to }) => to)).toEqual(['ada@example.com', 'bob@example.com']);
  });

  it.each([
    { kind: 'lost-answer' },
    { kind: 'cut-answer' },
    { kind: 'reset' },
    { kind: 'status', status: 500 },
    { kind: 'unknown-answer' },
  ] as const)('leaves in doubt exactly the mails whose answer %j hides', async (fault) => {
    fake.script({ ...fault, nth: 2 });
    const people = Array.from({ length: 150 }, (_, n) => action(`p${n}@example.com`));
    const outcomes = Object.values(await send(...people));
    const count = (kind: string): number =>
      outcomes.filter((outcome) => outcome.kind === kind).length;
    expect([count('delivered'), count('in_doubt')]).toEqual([100, 50]);
  });

  it('mails nobody twice when a later request is refused for now', async () => {
    fake.script({ kind: 'rate-limited', nth: 2 });
    const people = Array.from({ length: 150 }, (_, n) => action(`p${n}@example.com`));
    const outcomes = await send(...people);
    const open = people.filter(({ handle }) => outcomes[handle]?.kind === 'retry');
    expect(open).toHaveLength(50);
    await send(...open);
    const sent = fake.mails().map(({ to }) => to);
    expect(sent).toHaveLength(150);
    expect(new Set(sent).size).toBe(150);
  });

  it('keeps everything while nobody has said who the sender is', async () => {
    opened = openPlugin(fake);
    expect(await send(action('ada@example.com'))).toMatchObject({
      'ada@example.com': { kind: 'retry', because: 'not_sent' },
    });
    expect(fake.journal).toEqual([]);
  });
});
