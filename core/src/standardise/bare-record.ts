// A record that says nothing yet: what is left of one in the log, and decisions, fill in what they say.
import type { StandardRecord } from './standard-record.ts';
import type { EventHeader } from './standardise.ts';

export function bareRecord(
  header: EventHeader,
  type: 'consent' | 'delete' | 'decision',
): StandardRecord {
  return {
    ...header,
    type,
    origin: 'server',
    trust: 4,
    probability: 1,
    identifiers: [],
    contacts: [],
    subject: undefined,
    previous: undefined,
    traits: {},
    name: '',
    properties: {},
    context: {},
    integrations: {},
    consents: [],
    eventConsent: undefined,
  };
}
