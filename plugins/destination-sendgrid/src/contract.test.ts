import type { DeliveryBase } from '@tributary/sdk';
import { it } from 'vitest';
import {
  registerChecks,
  testDestination,
  type DestinationCases,
  type ExpectedRequest,
} from '@tributary/sdk/testing';
import { createDialect } from '../../../test/fakes/sendgrid/dialect.ts';
import plugin from './index.ts';

const list = 'f7b3c1de-4b52-4a57-9d6f-2f1f0f6d7a10';
const ada = person('ada@example.com');
const bob = person('bob@example.com');

function person(email: string): DeliveryBase {
  return {
    handle: `handle of ${email}`,
    key: email,
    identifier: { namespace: 'email', value: email },
  };
}

/** The ids that the account of a play hands out, in order. */
const id = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const search = (...emails: string[]): ExpectedRequest => ({
  method: 'POST',
  path: '/v3/marketing/contacts/search/emails',
  body: { emails },
});
const readFields: ExpectedRequest = { method: 'GET', path: '/v3/marketing/field_definitions' };
const apiKey = 'SG.secret-of-the-contract';
const dialect = createDialect({ listId: list, members: [ada.key, bob.key] });
const cases: DestinationCases = {
  settings(vendorUrl) {
    dialect.reset();
    return {
      apiKey,
      baseUrl: vendorUrl,
      absenceGraceMs: 0,
      customFields: { lifetime_value: 'Number' },
      mail: { fromEmail: 'shop@example.com' },
    };
  },
  vendor: dialect,
  examples: [
    {
      title: 'adds members with their traits',
      in: {
        call: 'audiences.add',
        list,
        deliveries: [
          { ...ada, traits: { first_name: 'Ada', tier: 'gold' } },
          { ...bob, traits: {} },
        ],
      },
      out: {
        requests: [
          readFields,
          {
            method: 'PUT',
            path: '/v3/marketing/contacts',
            body: {
              list_ids: [list],
              contacts: [
                { email: ada.key, first_name: 'Ada', custom_fields: { e1_T: 'gold' } },
                { email: bob.key },
              ],
            },
          },
          { method: 'GET', path: `/v3/marketing/contacts/imports/${id(3)}` },
          search(ada.key, bob.key),
        ],
      },
    },
    {
      title: 'removes members',
      in: {
        call: 'audiences.remove',
        list,
        deliveries: [
          { ...ada, traits: {} },
          { ...bob, traits: {} },
        ],
      },
      out: {
        requests: [
          search(ada.key, bob.key),
          {
            method: 'DELETE',
            path: `/v3/marketing/lists/${list}/contacts?contact_ids=${id(1)},${id(2)}`,
          },
          search(ada.key, bob.key),
        ],
      },
    },
    {
      title: 'writes contacts, and empties what was written',
      in: {
        call: 'profiles.upsert',
        deliveries: [
          { ...ada, profileId: 'a', previous: { tier: 'gold' }, next: { first_name: 'Ada' } },
          { ...bob, profileId: 'b', previous: { city: 'Oslo', tier: 'gold' }, next: null },
        ],
      },
      out: {
        requests: [
          search(bob.key),
          readFields,
          {
            method: 'PUT',
            path: '/v3/marketing/contacts',
            body: {
              contacts: [
                { email: ada.key, first_name: 'Ada', custom_fields: { e1_T: null } },
                { email: bob.key, city: '', custom_fields: { e1_T: null } },
              ],
            },
          },
          { method: 'GET', path: `/v3/marketing/contacts/imports/${id(3)}` },
          search(ada.key, bob.key),
        ],
      },
    },
    {
      title: 'mails from a template',
      in: {
        call: 'actions',
        action: 'mail',
        deliveries: [ada, bob].map((one, n) => ({
          ...one,
          actionId: `action-${n}`,
          audience: 'cart_abandoned',
          profileId: `p${n}`,
          traits: { firstName: one.key.slice(0, 3) },
          parameters: { templateId: 'd-cart', groupId: 101 },
        })),
      },
      out: {
        requests: [
          {
            method: 'POST',
            path: '/v3/mail/send',
            headers: { authorization: `Bearer ${apiKey}` },
            body: {
              from: { email: 'shop@example.com' },
              template_id: 'd-cart',
              asm: { group_id: 101 },
              personalizations: [
                {
                  to: [{ email: ada.key }],
                  dynamic_template_data: { firstName: 'ada' },
                  custom_args: { tributary_action: 'action-0' },
                },
                {
                  to: [{ email: bob.key }],
                  dynamic_template_data: { firstName: 'bob' },
                  custom_args: { tributary_action: 'action-1' },
                },
              ],
            },
          },
        ],
      },
    },
    {
      title: 'erases people',
      in: { call: 'erase', deliveries: [ada, bob] },
      out: {
        requests: [
          {
            method: 'POST',
            path: '/v3/recipients/erasejob',
            body: { email_addresses: [ada.key, bob.key] },
          },
          search(ada.key, bob.key),
          { method: 'DELETE', path: `/v3/marketing/contacts?ids=${id(1)},${id(2)}` },
          search(ada.key, bob.key),
        ],
      },
    },
  ],
};

registerChecks(it, testDestination(plugin, cases));
