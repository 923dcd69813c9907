// What a record must look like to be taken at all, as a JSON Schema. Contents (namespaces, purposes)
// are the hub's config's business.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { recordTypes, trustLevels, type SourceRecord } from './record.ts';

const text = (maxLength: number): object => ({ type: 'string', minLength: 1, maxLength });
const time = { anyOf: [{ type: 'string', maxLength: 64 }, { type: 'number' }] };
const object = { type: 'object' };

const identifier = {
  type: 'object',
  required: ['namespace', 'value'],
  properties: { namespace: text(64), value: { type: 'string', maxLength: 1024 } },
  additionalProperties: false,
};

const consent = {
  type: 'object',
  required: ['purpose', 'status'],
  properties: {
    purpose: text(100),
    channel: text(64),
    status: { enum: ['granted', 'denied', 'withdrawn'] },
    lawfulBasis: text(64),
    textVersion: text(200),
    evidence: object,
    jurisdiction: text(16),
    expiresAt: { type: 'string', format: 'date-time' },
  },
  additionalProperties: false,
};

const shapes: Record<string, { required: string[]; properties: object }> = {
  identify: { required: ['traits'], properties: { traits: object } },
  track: { required: ['event'], properties: { event: text(200), properties: object } },
  page: pageShape(),
  screen: pageShape(),
  group: { required: ['groupId'], properties: { groupId: text(200), traits: object } },
  alias: { required: ['previous'], properties: { previous: identifier } },
  consent: { required: ['consents'], properties: {} },
  delete: { required: [], properties: {} },
};

function pageShape(): { required: string[]; properties: object } {
  const name = { type: 'string', maxLength: 200 };
  return { required: [], properties: { name, category: name, properties: object } };
}

/** A delete of nobody would erase nothing and look like an erasure; of the others config may still make somebody. */
function identifiersOf(type: string, { maxIdentifiers }: RecordBounds): object {
  const list = { type: 'array', maxItems: maxIdentifiers, items: identifier };
  return type === 'delete' ? { ...list, minItems: 1 } : list;
}

function schemaOf(type: string, bounds: RecordBounds): object {
  const shape = shapes[type] ?? { required: [], properties: {} };
  return {
    type: 'object',
    required: ['type', 'identifiers', ...shape.required],
    properties: {
      type: { const: type },
      messageId: text(200),
      isContentId: { type: 'boolean' },
      identifiers: identifiersOf(type, bounds),
      timestamp: time,
      sentAt: time,
      retryCount: { type: 'number', minimum: 0 },
      origin: { enum: ['client', 'server'] },
      trust: { enum: trustLevels },
      probability: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      historical: { type: 'boolean' },
      context: object,
      integrations: object,
      consents: { type: 'array', minItems: 1, maxItems: 100, items: consent },
      ...shape.properties,
    },
    additionalProperties: false,
  };
}

/** Bounds that config sets, beside those that are part of the contract. */
export interface RecordBounds {
  /** Identifiers in one record. The hub's default is 20. */
  readonly maxIdentifiers: number;
}

/** Judges one record. Throws nothing, whatever it is given. */
export type RecordValidator = (record: unknown) => RecordShape;

/** The record, or what is wrong with it: the place and what was expected there, without its contents. */
export type RecordShape =
  | { readonly record: SourceRecord }
  | {
      readonly errors: string;
      /** It is a `delete` without identifiers, and nothing else is wrong with it so far. */
      readonly namesNobody?: true;
    };

/**
 * Judges the shape of records as intake does: the record without undefined members, or what is wrong.
 * Compiled once per call, so keep what it returns.
 */
export function createRecordValidator(bounds: RecordBounds): RecordValidator {
  const ajv = new Ajv2020({ allErrors: false, strict: true, formats: { 'date-time': isDateTime } });
  const validators = new Map<string, ValidateFunction<SourceRecord>>(
    recordTypes.map((type) => [type, ajv.compile<SourceRecord>(schemaOf(type, bounds))]),
  );
  return (emitted) => {
    const record = withoutUndefined(emitted);
    const type = typeOf(record);
    const validate = validators.get(type);
    if (!validate) {
      return {
        errors: `type ${JSON.stringify(type).slice(0, 60)}, expected one of ${recordTypes.join(', ')}`,
      };
    }
    if (validate(record)) return { record };
    return refusal(validate.errors?.[0]);
  };
}

function refusal(error: ErrorObject | undefined): RecordShape {
  if (error?.keyword === 'minItems' && error.instancePath === '/identifiers') {
    const errors =
      '/identifiers names nobody, expected at least one: a delete erases exactly those that it names';
    return { errors, namesNobody: true };
  }
  return { errors: `${error?.instancePath || 'record'} ${error?.message ?? 'is not valid'}` };
}

/** `{ name: undefined }` says nothing, as in JSON. */
function withoutUndefined(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record;
  if (!Object.values(record).includes(undefined)) return record;
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function typeOf(record: unknown): string {
  if (typeof record !== 'object' || record === null || !('type' in record)) return '';
  return String(record.type);
}

function isDateTime(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));
}
