// A source: a sign-up form posts whoever joins the waiting list.
import { defineSource, verifyHmac, type SourceRecord } from '@tributary/sdk';

export default defineSource({
  name: 'waitlist',
  title: 'Waiting list',
  settings: {
    type: 'object',
    properties: { secret: { type: 'string', writeOnly: true, minLength: 16 } },
    required: ['secret'],
    additionalProperties: false,
  },
  http: {
    paths: ['/'],
    handle({ request, settings }) {
      const verdict = verifyHmac({
        text: request.rawBody,
        signature: request.headers['x-signature'],
        keys: [settings.secret],
      });
      if (!verdict.ok) return { answer: { status: 401 } };
      const entry = readEntry(request.rawBody);
      if (entry === undefined) {
        const message = 'found something else than an entry, expected { id, email, name, news }';
        return { unreadable: { code: 'WAITLIST_BODY', message }, answer: { status: 400 } };
      }
      return { records: [toRecord(entry)], respond: () => ({ status: 204 }) };
    },
  },
});

interface Entry {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** Ticked «send me news». */
  readonly news: boolean;
}

/** What comes from outside is looked at before it is believed. */
function readEntry(body: Uint8Array): Entry | undefined {
  try {
    const { id, email, name, news }: Record<string, unknown> = JSON.parse(
      Buffer.from(body).toString(),
    );
    if (typeof id !== 'string' || typeof email !== 'string' || typeof name !== 'string') return;
    return { id, email, name, news: news === true };
  } catch {
    return undefined;
  }
}

function toRecord({ id, email, name, news }: Entry): SourceRecord {
  return {
    type: 'identify',
    // The form's own id: sent twice, it counts once.
    messageId: id,
    identifiers: [{ namespace: 'email', value: email }],
    traits: { first_name: name, waiting: true },
    consents: news
      ? [{ purpose: 'email_marketing', status: 'granted', evidence: { form: 'waitlist', id } }]
      : [],
  };
}
