// What the readable page calls things: for a person who has never heard of the hub.
import type { SectionName } from './pieces.ts';

export interface SectionWords {
  readonly title: string;
  readonly about: string;
  /** Column's heading, by the item's member, in order. */
  readonly columns: Readonly<Record<string, string>>;
  readonly none: string;
}

export const sectionWords: Readonly<Record<SectionName, SectionWords>> = {
  identifiers: {
    title: 'How we recognise you',
    about: 'Addresses, numbers and names of accounts and devices that stand for you with us.',
    columns: {
      namespace: 'Kind',
      value: 'Value',
      kind: 'Belongs to',
      firstAt: 'First seen',
      lastAt: 'Last seen',
    },
    none: 'We know none.',
  },
  evidence: {
    title: 'Why we think that these are all you',
    about: 'Each line is one observation that two of them belong together, or perhaps do.',
    columns: {
      left: 'This',
      right: 'and this',
      trust: 'How sure',
      source: 'Said by',
      at: 'When',
      status: 'Taken as',
    },
    none: 'Nothing joins your identifiers.',
  },
  traits: {
    title: 'What we know about you',
    about: 'Each with where it comes from.',
    columns: { name: 'What', value: 'Value', source: 'Said by', at: 'When' },
    none: 'Nothing.',
  },
  computed: {
    title: 'What we worked out about you',
    about: 'Numbers that we compute from what happened.',
    columns: { name: 'What', value: 'Value' },
    none: 'Nothing.',
  },
  consents: {
    title: 'What you allowed and refused',
    about: 'Every answer that we hold, with the legal basis it stands on.',
    columns: {
      value: 'For',
      purpose: 'Purpose',
      channel: 'Channel (* is all)',
      status: 'Answer',
      lawfulBasis: 'Legal basis',
      effectiveAt: 'Since',
      expiresAt: 'Until',
      source: 'Told by',
    },
    none: 'We hold no answer of yours, and take that for a no.',
  },
  audiences: {
    title: 'Groups that you are in',
    about: 'Groups of people that we form by rules, to decide whom to write to.',
    columns: { audience: 'Group', since: 'Since' },
    none: 'None.',
  },
  destinations: {
    title: 'Who received data about you',
    about: 'Companies and systems that we have passed something on to, and which parts.',
    columns: {
      instance: 'Recipient',
      scope: 'As part of',
      identifier: 'Known there by',
      fields: 'What',
      bases: 'Allowed by',
      firstAt: 'First',
      lastAt: 'Last',
    },
    none: 'Nobody.',
  },
  sent: {
    title: 'What recipients hold about you now',
    about: 'As far as we know: what was last sent, and whether it is still there.',
    columns: {
      instance: 'Recipient',
      list: 'List',
      value: 'Known there by',
      presence: 'There',
      sent: 'With',
      changedAt: 'Last change',
    },
    none: 'Nothing.',
  },
  actions: {
    title: 'What was done to reach you',
    about: 'Mails and other messages, sent or held back.',
    columns: {
      instance: 'By',
      name: 'What',
      audience: 'Because of the group',
      status: 'Outcome',
      plannedAt: 'When',
      reason: 'Reason',
    },
    none: 'Nothing.',
  },
  statements: {
    title: 'What was said about you',
    about: 'Records that told us who you are, as we received them.',
    columns: { at: 'When', source: 'Said by', received: 'What was said' },
    none: 'Nothing.',
  },
  events: {
    title: 'What you did',
    about: 'Visits, purchases and whatever else we were told of, the newest first.',
    columns: { at: 'When', type: 'Kind', name: 'What', source: 'Told by', received: 'In full' },
    none: 'Nothing.',
  },
  quarantine: {
    title: 'What we could not read',
    about: 'Messages that name you and that were set aside because something is wrong with them.',
    columns: {
      receivedAt: 'When',
      source: 'Told by',
      reason: 'Why',
      received: 'Message',
      note: 'Where it is not shown',
    },
    none: 'Nothing.',
  },
  deadLetters: {
    title: 'What could not be delivered',
    about: 'Messages about you that a recipient did not take.',
    columns: { instance: 'Recipient', kind: 'What', message: 'Why', at: 'When', state: 'State' },
    none: 'Nothing.',
  },
  requests: {
    title: 'What you asked of us',
    about: 'Your requests about your data.',
    columns: { kind: 'Request', receivedAt: 'Received', state: 'State', doneAt: 'Done' },
    none: 'Nothing before.',
  },
};
