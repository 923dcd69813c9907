// How the API says no: problem details (RFC 9457) with a code that does not change.
import type { JsonValue } from '@tributary/sdk';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

export const problems = {
  REQUEST_INVALID: { status: 400, title: 'The request is not as the operation wants it' },
  BODY_NOT_JSON: { status: 400, title: 'The body is not JSON' },
  DECISION_INVALID: { status: 400, title: 'It is nothing that can be decided' },
  RULE_INVALID: { status: 400, title: 'The rule is not one' },
  KEY_MISSING: { status: 401, title: 'No API key was sent' },
  KEY_INVALID: { status: 401, title: 'The API key is unknown, expired or revoked' },
  ROLE_FORBIDS: { status: 403, title: "The key's role does not allow this" },
  ROUTE_UNKNOWN: { status: 404, title: 'There is nothing at this path' },
  PROFILE_UNKNOWN: { status: 404, title: 'There is no such profile' },
  AUDIENCE_UNKNOWN: { status: 404, title: 'There is no such audience' },
  INSTANCE_UNKNOWN: { status: 404, title: 'There is no such instance' },
  DEAD_LETTER_UNKNOWN: { status: 404, title: 'There is no such dead letter' },
  DELIVERY_UNKNOWN: { status: 404, title: 'There is no such delivery in doubt' },
  QUARANTINE_UNKNOWN: { status: 404, title: 'There is no such entry in quarantine' },
  JOB_UNKNOWN: { status: 404, title: 'There is no such job' },
  PERSON_UNKNOWN: { status: 404, title: 'What was named can stand for nobody' },
  IDENTIFIER_UNKNOWN: { status: 404, title: 'Nobody was ever known by an identifier' },
  PRIVACY_REQUEST_UNKNOWN: { status: 404, title: 'There is no such privacy request' },
  KEY_UNKNOWN: { status: 404, title: 'There is no such key, or it is revoked already' },
  METHOD_UNKNOWN: { status: 405, title: 'The path does not take this method' },
  BACKUPS_NOWHERE: { status: 409, title: 'Config names no folder for backups' },
  PERSON_ERASED: { status: 409, title: 'She was erased, and is not back' },
  PROFILE_AMBIGUOUS: { status: 409, title: 'The id stood for what are several people now' },
  SOURCE_PAUSED: { status: 409, title: 'An operator paused the source' },
  DESTINATION_STOPPED: { status: 409, title: 'The plugin of the destination did not open' },
  SOURCE_NOT_DRIVEN: { status: 409, title: 'The source does not pull, or not in this process' },
  CONTACT_POINT_SHARED: { status: 409, title: 'Several profiles hold the contact point' },
  CHANGE_REFUSED: { status: 409, title: 'The hub does not take the config up and runs on' },
  PLAN_DRIFTED: { status: 409, title: 'More would happen now than the plan says' },
  NOT_BY_HAND: { status: 409, title: 'The destination does not wait to be confirmed by hand' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  CONFIG_INVALID: { status: 422, title: 'The config has problems' },
  ATTEMPTS_EXCEEDED: { status: 429, title: 'Too many requests with keys that are none' },
  JOBS_BUSY: { status: 429, title: 'Too many jobs are under way' },
  INTAKE_BUSY: { status: 429, title: 'Too much is waiting' },
  API_FAILED: { status: 500, title: 'The hub failed; its log says why' },
  PEOPLE_BEING_MADE: { status: 503, title: 'People are being made anew from the log' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store does not answer' },
} as const satisfies Readonly<Record<string, ProblemKind>>;
export type ProblemCode = keyof typeof problems;

const marker: unique symbol = Symbol.for('tributary.api-problem');

export interface ProblemFields {
  /** What was found, what was expected, what to do. Never a person's data. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  /** More members of the problem, e.g. the candidates of an ambiguous id. */
  readonly members?: Readonly<Record<string, JsonValue>>;
}

/** Thrown by an operation; the router answers it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;
  readonly fields: ProblemFields;
  readonly [marker] = true;

  constructor(code: ProblemCode, fields: ProblemFields) {
    super(`${code}: ${fields.detail}`);
    this.code = code;
    this.fields = fields;
  }
}

export function isApiProblem(error: unknown): error is ApiProblem {
  return typeof error === 'object' && error !== null && marker in error;
}

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly [member: string]: JsonValue;
}

export function problemDocument(problem: ApiProblem): ProblemDocument {
  const { status, title } = problems[problem.code];
  const { detail, members } = problem.fields;
  return {
    ...members,
    type: `urn:tributary:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail,
  };
}
