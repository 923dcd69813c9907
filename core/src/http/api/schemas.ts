// What the API answers, as JSON Schemas under one name each.
import { changeSchemas } from './change-schemas.ts';
import { decisionSchemas } from './decision-schemas.ts';
import { privacySchemas } from './privacy-schemas.ts';
import {
  anything,
  count,
  flag,
  map,
  members,
  text,
  time,
  uuid,
  whole,
  type Schema,
} from './schema-parts.ts';

export const ref = (name: SchemaName): Schema => ({ $ref: `#/components/schemas/${name}` });

/** A page: `next` is sent as `after` (or `before`) for the one that follows; absent on the last. */
export const pageOf = (name: SchemaName, next: Schema = whole): Schema =>
  members({ items: { type: 'array', items: ref(name) } }, { next });

export const listOf = (name: SchemaName): Schema =>
  members({ items: { type: 'array', items: ref(name) } });

const identifier = members({ namespace: text, value: text });
const settled = {
  state: { enum: ['open', 'replayed', 'dropped'] },
};
const settledOptional = { settledAt: time, settledReason: text };

const letterRequired = {
  id: whole,
  instance: text,
  stage: text,
  kind: text,
  code: text,
  message: text,
  at: time,
  ...settled,
};
const letterOptional = { list: text, ...settledOptional };

const explained = {
  answer: text,
  because: { type: 'array', items: { $ref: '#/components/schemas/Reason' } },
};

const profileSchemas = {
  Identifier: identifier,
  Lookup: {
    description:
      'One profile; or the holders of a shared contact point, which identifies none of them.',
    oneOf: [
      members({ kind: { const: 'profile' }, profileId: uuid }, { ownerSince: time }),
      members({ kind: { const: 'contact_point' }, holders: { type: 'array', items: uuid } }),
    ],
  },
  Trait: members({ value: anything, source: text, at: time, record: whole }),
  Profile: members({
    id: uuid,
    traits: { type: 'object', additionalProperties: { $ref: '#/components/schemas/Trait' } },
    computed: map,
  }),
  ProfileIdentifier: members({
    namespace: text,
    value: text,
    kind: { enum: ['person', 'device', 'contact'] },
    firstAt: time,
    lastAt: time,
  }),
  Evidence: members(
    {
      left: identifier,
      right: identifier,
      trust: text,
      probability: { type: 'number' },
      source: text,
      at: time,
      record: whole,
      accepted: flag,
    },
    { rejectedBy: text },
  ),
  Event: members({
    type: text,
    name: text,
    at: time,
    number: whole,
    source: text,
    properties: map,
  }),
  ConsentEntry: members(
    {
      identifier,
      purpose: text,
      channel: text,
      status: { enum: ['granted', 'denied', 'withdrawn'] },
      lawfulBasis: text,
      source: text,
      effectiveAt: time,
      recordedAt: time,
      record: whole,
    },
    { textVersion: text, evidence: map, jurisdiction: text, expiresAt: time },
  ),
  ConsentDecision: members(
    { purpose: text, channel: text, granted: flag, reason: text },
    { contactPoint: identifier, record: whole },
  ),
  Consents: members({
    decisions: { type: 'array', items: { $ref: '#/components/schemas/ConsentDecision' } },
    entries: { type: 'array', items: { $ref: '#/components/schemas/ConsentEntry' } },
  }),
  Reason: members(
    { says: text },
    {
      holds: { ...flag, description: 'Whether what it says is so.' },
      because: { type: 'array', items: { $ref: '#/components/schemas/Reason' } },
    },
  ),
  TraitExplained: members(explained, { value: anything, source: text, at: time, record: whole }),
  MembershipExplained: members(
    { ...explained, member: flag },
    {
      since: time,
      cause: text,
      nextChangeAt: { ...time, description: 'When time alone may change it, at the earliest.' },
    },
  ),
  MergeExplained: members({
    ...explained,
    samePerson: flag,
    profiles: { type: 'array', items: uuid },
  }),
  DeliveryExplained: members({ ...explained, there: flag }, { nextAttemptAt: time }),
  Membership: members({ audience: text }, { since: time, cause: text }),
  ProfileDelivery: members(
    {
      instance: text,
      kind: { enum: ['audience', 'profile', 'event', 'action'] },
      status: text,
      at: time,
    },
    { list: text, presence: text, reason: text },
  ),
  Receipt: members(
    {
      accepted: count,
      duplicates: count,
      quarantined: { type: 'array', items: members({ index: count, code: text, message: text }) },
    },
    { suppressed: count },
  ),
};

const hubSchemas = {
  Audience: members({ name: text, title: text, size: count, rule: anything }),
  Member: members({ profileId: uuid }, { since: time, cause: text }),
  Source: members(
    { id: text, plugin: text, enabled: flag, state: text, openInQuarantine: count },
    { code: text },
  ),
  Checkpoint: members(
    {},
    { checkpoint: { description: 'As the plugin made it; left out: none.' } },
  ),
  Book: members({
    list: text,
    kind: text,
    planned: whole,
    delivered: whole,
    filtered: whole,
    rejected: whole,
    superseded: whole,
    inDoubt: whole,
    pending: whole,
  }),
  Destination: members(
    {
      id: text,
      plugin: text,
      enabled: flag,
      dryRun: flag,
      state: { enum: ['running', 'paused', 'guarded', 'stopped'] },
      since: time,
      lag: count,
      openDeadLetters: count,
      books: { type: 'array', items: { $ref: '#/components/schemas/Book' } },
    },
    { code: text, message: text, oldestUndelivered: time },
  ),
  DeadLetter: members(letterRequired, letterOptional),
  DeadLetterDetails: members(letterRequired, {
    ...letterOptional,
    record: { ...whole, description: "The event's log number." },
    action: text,
    profileId: uuid,
  }),
  Backup: members({
    file: { ...text, description: 'On the machine of the hub.' },
    bytes: count,
    rows: count,
    takenAt: time,
  }),
  ListResync: members({
    list: text,
    readBack: { ...flag, description: 'False: the vendor cannot be asked what is on it.' },
    found: count,
    missing: { ...count, description: 'Were believed to be there; put back where wanted.' },
    strangers: { ...count, description: 'Are there without this hub; left alone.' },
  }),
  Action: members(
    { id: uuid, name: text, audience: text, status: text, attempts: count, plannedAt: time },
    { reason: text, settledAt: time },
  ),
  OpenEvent: members(
    { number: whole, status: text, attempts: count, plannedAt: time },
    { reason: text, dueAt: time },
  ),
  AudiencePreview: members({ size: count, profiles: count }),
  AuditExport: members({
    number: whole,
    at: time,
    entry: { ...text, description: 'The very text that the leaf is the hash of.' },
    leaf: { ...text, description: 'SHA-256 of a zero byte and the entry, in hex.' },
    chain: { ...text, description: 'SHA-256 over the chain before and the leaf, in hex.' },
  }),
  QuarantineEntry: members(
    { id: whole, source: text, receivedAt: time, code: text, message: text, ...settled },
    { record: whole, ...settledOptional },
  ),
  QuarantinePayload: members(
    { entry: { $ref: '#/components/schemas/QuarantineEntry' } },
    {
      payload: { ...text, description: 'As it came, read as UTF-8.' },
      payloadBase64: { ...text, description: 'As it came, where it is no UTF-8.' },
    },
  ),
  AuditEntry: {
    type: 'object',
    description: 'As it stands in the log.',
    properties: {
      number: whole,
      kind: text,
      at: time,
      actor: text,
      subjects: { type: 'array', items: text },
      details: map,
    },
  },
  AuditVerdict: members(
    { intact: flag, size: count },
    {
      hash: text,
      fault: members({ code: text, number: whole, upTo: whole, message: text }),
    },
  ),
  ApiKey: members(
    { id: text, role: text, label: text, createdAt: time },
    { expiresAt: time, revokedAt: time },
  ),
  CreatedKey: members({
    key: { ...text, description: 'In full; it is shown this once.' },
    view: { $ref: '#/components/schemas/ApiKey' },
  }),
  Done: members({ changed: { ...count, description: 'How many things this call changed.' } }),
  Replayed: members({ replayed: count, stillOpen: count }),
  Job: members(
    {
      id: text,
      operation: text,
      state: { enum: ['running', 'done', 'failed'] },
      done: count,
      startedAt: time,
    },
    {
      all: { ...count, description: 'Left out: nobody knows how much there is.' },
      endedAt: time,
      answer: { description: 'What the operation answers.' },
      problem: { $ref: '#/components/schemas/Problem' },
    },
  ),
  Problem: {
    type: 'object',
    description: 'RFC 9457.',
    required: ['type', 'title', 'status', 'code', 'detail'],
    properties: { type: text, title: text, status: whole, code: text, detail: text },
  },
};

export type SchemaName =
  | keyof typeof profileSchemas
  | keyof typeof hubSchemas
  | keyof typeof changeSchemas
  | keyof typeof privacySchemas
  | keyof typeof decisionSchemas;

export const schemas: Readonly<Record<SchemaName, Schema>> = {
  ...profileSchemas,
  ...hubSchemas,
  ...changeSchemas,
  ...privacySchemas,
  ...decisionSchemas,
};
