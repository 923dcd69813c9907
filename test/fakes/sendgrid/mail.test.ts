import { createPublicKey, createVerify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgridFake, type SendgridFake } from './fake.ts';
import { ask, createClient, createMail, testKey } from './testing.ts';

let fake: SendgridFake;
let mail: ReturnType<typeof createMail>;

beforeEach(async () => {
  fake = await startSendgridFake({ apiKey: testKey });
  mail = createMail(fake.url);
});
afterEach(() => fake.close());

const welcome = {
  from: 'shop@example.com',
  templateId: 'd-welcome',
  personalizations: [{ to: 'Ada@example.com', dynamicTemplateData: { name: 'Ada' } }],
};

describe('mail/send', () => {
  it('accepts a dynamic template with a message id', async () => {
    const [response] = await mail.send(welcome);
    expect(response.statusCode).toBe(202);
    expect(response.headers['x-message-id']).toMatch(/^[0-9a-f]{22}$/);
    expect(fake.mails()).toMatchObject([
      { to: 'ada@example.com', templateId: 'd-welcome', data: { name: 'Ada' }, dropped: null },
    ]);
    expect(fake.journal.at(-1)?.keys).toEqual([{ key: 'ada@example.com', action: 'mail' }]);
  });

  it('sends nothing in sandbox mode and answers 200', async () => {
    const [response] = await mail.send({
      ...welcome,
      mailSettings: { sandboxMode: { enable: true } },
    });
    expect(response.statusCode).toBe(200);
    expect(fake.mails()).toEqual([]);
  });

  it('accepts and drops mail to those who unsubscribed from the group or from all', async () => {
    const group = fake.addGroup('Offers', 'Weekly offers');
    const client = createClient(fake.url);
    await ask(client, 'POST', `/v3/asm/groups/${group}/suppressions`, {
      recipient_emails: ['ada@example.com'],
    });
    await mail.send({ ...welcome, asm: { groupId: group } });
    await mail.send(welcome);
    await ask(client, 'POST', '/v3/asm/suppressions/global', {
      recipient_emails: ['ada@example.com'],
    });
    await mail.send(welcome);
    const dropped = fake.mails().map((sent) => sent.dropped);
    expect(dropped).toEqual(['Unsubscribed Address', null, 'Unsubscribed Address']);
  });

  it.each([
    [
      'a bad recipient',
      { personalizations: [{ to: [{ email: 'nobody' }] }] },
      'personalizations.0.to.0.email',
    ],
    ['no recipient', { personalizations: [{ to: [] }] }, 'personalizations.0.to'],
    ['a bad sender', { from: { email: 'nobody' } }, 'from.email'],
    ['send_at too far ahead', { send_at: Math.floor(Date.now() / 1_000) + 80 * 3_600 }, 'send_at'],
    [
      'template data without a dynamic template',
      { template_id: 'old' },
      'personalizations.0.dynamic_template_data',
    ],
    [
      '1,001 personalizations',
      {
        personalizations: Array.from({ length: 1_001 }, () => ({ to: [{ email: 'a@b.example' }] })),
      },
      'personalizations',
    ],
  ])('refuses %s and names the field', async (_what, change, field) => {
    const { status, body } = await ask(createClient(fake.url), 'POST', '/v3/mail/send', {
      from: { email: 'shop@example.com' },
      template_id: 'd-welcome',
      personalizations: [{ to: [{ email: 'ada@example.com' }], dynamic_template_data: {} }],
      ...change,
    });
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ field }]);
    expect(fake.mails()).toEqual([]);
  });
});

describe('suppressions', () => {
  it('puts on the global list what is meant for a group that does not exist', async () => {
    const client = createClient(fake.url);
    await ask(client, 'POST', '/v3/asm/groups/999/suppressions', {
      recipient_emails: ['ada@example.com'],
    });
    const found = await ask(client, 'GET', '/v3/asm/suppressions/global/ada@example.com');
    expect(found.body).toEqual({ recipient_email: 'ada@example.com' });
    const other = await ask(client, 'GET', '/v3/asm/suppressions/global/bob@example.com');
    expect(other.body).toEqual({});
  });

  it('reads reports by time, newest first, in pages', async () => {
    for (const name of ['ada', 'bob', 'eve']) fake.suppress('bounces', `${name}@example.com`);
    const response = await fetch(`${fake.url}/v3/suppression/bounces?limit=2&offset=2`, {
      headers: { authorization: `Bearer ${testKey}` },
    });
    expect(await response.json()).toHaveLength(1);
    const future = Math.floor(Date.now() / 1_000) + 60;
    const later = await fetch(`${fake.url}/v3/suppression/bounces?start_time=${future}`, {
      headers: { authorization: `Bearer ${testKey}` },
    });
    expect(await later.json()).toEqual([]);
  });
});

describe('the event webhook', () => {
  it('signs timestamp and raw body, closing line break included', async () => {
    const received: { body: string; signature: string; timestamp: string }[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const header = (name: string): string =>
          String(request.headers[`x-twilio-email-event-webhook-${name}`]);
        const body = Buffer.concat(chunks).toString();
        received.push({ body, signature: header('signature'), timestamp: header('timestamp') });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/events`;
    const event = { email: 'ada@example.com', event: 'delivered', sg_event_id: 'one' };
    expect(await fake.eventWebhook.emit(url, [event])).toBe(204);
    await fake.eventWebhook.emit(url, [event], { tamper: 'body' });
    receiver.close();

    const key = createPublicKey({
      key: Buffer.from(fake.eventWebhook.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    const verified = received.map(({ body, signature, timestamp }) =>
      createVerify('sha256').update(timestamp).update(body).verify(key, signature, 'base64'),
    );
    expect(verified).toEqual([true, false]);
    expect(received[0]?.body.endsWith('\r\n')).toBe(true);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual([event]);
  });
});
