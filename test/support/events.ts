// Events as resolve hands them to delivery.
import type { ResolvedEvent } from '../../core/src/delivery/world.ts';
import type { EmittedRecord } from '../../core/src/standardise/standard-record.ts';
import { start } from './delivery-hub.ts';
import { hashOf, profileOf } from './people.ts';

/** Of a person of `createPeople` with a user id and an e-mail address. */
export function eventOf(
  person: string,
  number: number,
  change: Partial<EmittedRecord> = {},
): ResolvedEvent {
  const identifier = (namespace: string, value: string): EmittedRecord['identifiers'][number] => ({
    namespace,
    value,
    hash: hashOf(value),
    kind: 'person',
    priority: 0,
  });
  const identifiers = [
    identifier('user_id', `u:${person}`),
    identifier('email', `${person}@example.com`),
  ];
  return {
    profileId: profileOf(person),
    record: {
      number,
      source: 'web',
      messageHash: hashOf(`message ${number}`),
      type: 'track',
      at: start,
      receivedAt: start,
      origin: 'server',
      trust: 1,
      probability: 1,
      historical: false,
      identifiers,
      contacts: [],
      subject: identifiers[0],
      previous: undefined,
      traits: {},
      name: `${person} ${number}`,
      properties: {},
      context: {},
      integrations: {},
      consents: [],
      eventConsent: undefined,
      ...change,
    },
  };
}
