// One mail to a person who enters an audience. mail/send has no idempotency key: when the answer is
// lost, whether the mail went out is unknown, and it stays so rather than going out twice.
import { sameOutcome } from '@tributary/sdk';
import type { ActionDelivery, DeliveryOutcome, SettingsSchema } from '@tributary/sdk';
import { unknownShape, type MailRequest } from './client.ts';
import type { SendgridCall } from './connection.ts';
import { all, sendInParts, type PartResult } from './send-in-parts.ts';
import type { SendgridSettings } from './settings.ts';

/** The vendor takes 1,000; a lost answer leaves at most this many mails in doubt. */
const mostRecipients = 100;

export const mailParameters = {
  type: 'object',
  additionalProperties: false,
  required: ['templateId'],
  properties: {
    templateId: {
      type: 'string',
      pattern: '^d-[0-9A-Za-z-]+$',
      title: 'Dynamic template',
      description: 'Its id, `d-…`. The mapped traits are its data.',
    },
    groupId: {
      type: 'integer',
      minimum: 1,
      title: 'Unsubscribe group',
      description: 'Whoever unsubscribed from it at SendGrid gets no mail.',
    },
  },
} as const satisfies SettingsSchema;

type Call = SendgridCall & { readonly deliveries: readonly ActionDelivery[] };

export async function sendMails(call: Call): Promise<DeliveryOutcome[]> {
  const { settings } = call;
  if (settings.mail === undefined) {
    return sameOutcome(call.deliveries, {
      kind: 'retry',
      reason: 'the instance has no `mail` settings, which name the sender',
      because: 'not_sent',
      retryAfterMs: 60_000,
    });
  }
  const outcomes: DeliveryOutcome[] = [];
  const groups = Object.values(Object.groupBy(call.deliveries, sameMail));
  for (const group of groups) outcomes.push(...(await sendGroup(call, group ?? [], outcomes)));
  return outcomes;
}

/** One request carries one template and one unsubscribe group. */
function sameMail({ parameters }: ActionDelivery): string {
  return JSON.stringify([parameters['templateId'], parameters['groupId']]);
}

async function sendGroup(
  call: Call,
  group: readonly ActionDelivery[],
  earlier: readonly DeliveryOutcome[],
): Promise<DeliveryOutcome[]> {
  const settled = await sendInParts<ActionDelivery>({
    items: group,
    most: mostRecipients,
    hasBegun: earlier.length > 0,
    send: (part) => sendPart(call, part),
    // SendGrid names the place in the request: `personalizations.3.to.0.email`.
    named: (_delivery, errors, place) =>
      errors.find(({ field }) => field?.startsWith(`personalizations.${place}.`))?.message,
  });
  return [...settled].map(([{ handle }, outcome]) => ({ handle, outcome }));
}

async function sendPart(
  { connection, settings, signal }: Call,
  part: readonly ActionDelivery[],
): Promise<PartResult<ActionDelivery>> {
  const answer = await connection.client.mail(buildMail(settings, part), signal);
  if (!answer.taken) return { kind: 'refused', refusal: answer };
  const expected = settings.mail?.sandbox ? 200 : 202;
  if (answer.status !== expected) throw unknownShape(answer.status, `the status ${expected}`);
  return all(part, { kind: 'delivered' });
}

export function buildMail(
  { mail }: SendgridSettings,
  part: readonly ActionDelivery[],
): MailRequest {
  const { templateId, groupId } = part[0]?.parameters ?? {};
  return {
    from: { email: mail?.fromEmail ?? '', ...(mail?.fromName ? { name: mail.fromName } : {}) },
    ...(mail?.replyTo ? { replyTo: { email: mail.replyTo } } : {}),
    templateId: typeof templateId === 'string' ? templateId : '',
    ...(typeof groupId === 'number' ? { asm: { groupId } } : {}),
    ...(mail?.sandbox ? { mailSettings: { sandboxMode: { enable: true } } } : {}),
    // One personalization each: nobody sees another's address.
    personalizations: part.map(({ key, traits, actionId }) => ({
      to: { email: key },
      dynamicTemplateData: { ...traits },
      // Comes back in the event webhook and settles what is in doubt. Opaque: SendGrid keeps it.
      customArgs: { tributary_action: actionId },
    })),
  };
}
