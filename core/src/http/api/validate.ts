// Checks what came in against an operation's schemas. Texts of path and query become the numbers and
// booleans that the schema asks for; a body is taken as it is.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { MembersSchema, Operation } from './operation.ts';
import { ApiProblem } from './problem.ts';

export interface RawCall {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export type CallValidator = (call: RawCall) => RawCall;

/** Of problems in one request that are told. */
const mostProblems = 10;

/** Throws REQUEST_INVALID with all that is wrong, without quoting any value. */
export function createCallValidator(operation: Operation): CallValidator {
  const path = compile(operation.path, ofTexts);
  const query = compile(operation.query, ofTexts);
  const body = operation.body && compile(operation.body, ofValues);
  return (call) => {
    const copies = { path: { ...asObject(call.path) }, query: { ...asObject(call.query) } };
    const found = [
      ...problemsOf('path', path, copies.path),
      ...problemsOf('query', query, copies.query),
      ...(body ? problemsOf('body', body, call.body) : []),
    ];
    if (found.length === 0) return { ...copies, body: call.body };
    throw new ApiProblem('REQUEST_INVALID', {
      detail: `${operation.id}: ${found.slice(0, mostProblems).join('; ')}. See /api/openapi.json.`,
    });
  };
}

// One of each kind for all operations: each compiles JSON Schema's own schema first, which takes longer
// than all of ours.
const ofTexts = createAjv(true);
const ofValues = createAjv(false);

function createAjv(coerceTypes: boolean): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, useDefaults: true, coerceTypes, strict: false });
  addFormats.default(ajv);
  return ajv;
}

function compile(schema: MembersSchema, ajv: Ajv2020): ValidateFunction {
  return ajv.compile(schema as object);
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function problemsOf(part: string, validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${part}${error.instancePath} ${wordsOf(error)}`);
}

/** ajv's words name what is expected; they never quote what was found, but for keys. */
function wordsOf({ keyword, message = 'is invalid', params }: ErrorObject): string {
  if (keyword === 'additionalProperties') {
    const name = String(params['additionalProperty']).slice(0, 64);
    return `has an unknown member ${JSON.stringify(name)}`;
  }
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params['allowedValues'])}`;
  return message;
}
