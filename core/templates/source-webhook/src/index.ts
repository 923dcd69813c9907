// Acme's webhooks as a source. The hub finds this default export.
import { defineSource, verifyHmac } from '@tributary/sdk';
import { readOrder, toRecord } from './map.ts';
import { settings } from './settings.ts';

export default defineSource({
  name: 'acme',
  title: 'Acme',
  settings,
  http: {
    paths: ['/'],
    handle({ request, settings }) {
      // Over the bytes as they came, before anything is parsed.
      const verdict = verifyHmac({
        text: request.rawBody,
        signature: request.headers['x-acme-signature'],
        keys: [settings.signingSecret],
      });
      if (!verdict.ok) return { answer: { status: 401 } };
      const order = readOrder(request.rawBody);
      if (order === undefined) {
        const message = 'found something else than an order, expected { id, email, total }';
        return { unreadable: { code: 'ACME_BODY', message }, answer: { status: 400 } };
      }
      // The hub commits the records first: a 2xx means that they are safe.
      return { records: [toRecord(order)], respond: () => ({ status: 204 }) };
    },
  },
});
