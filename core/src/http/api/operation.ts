// An operation of the API, as one row of a table: the router, the OpenAPI document and the page in
// the docs are all made from it.
import type { SettingsOf, SettingsSchema } from '@tributary/sdk';
import type { Hub } from '../hub-reads.ts';
import type { ApiKeyView, KeyStore } from '../key-store.ts';
import type { Permission } from '../roles.ts';
import type { OperationCommand } from './command-text.ts';
import type { Jobs, Progress } from './jobs.ts';
import type { ProblemCode } from './problem.ts';

/** A JSON Schema of an object: of the path's, the query's or the body's members. */
export type MembersSchema = SettingsSchema;

const none = { type: 'object', additionalProperties: false } as const;
type None = typeof none;

export interface ApiCall<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly hub: Hub;
  readonly keys: KeyStore;
  /** Who asks. */
  readonly key: ApiKeyView;
  /** `key:<id>`, as the audit log names her. */
  readonly actor: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly jobs: Jobs;
  /** Of `long` operations, for who waits. */
  readonly progress: Progress;
}

export interface ApiAnswer {
  /** Sent as JSON. */
  readonly body: unknown;
  /** Sent in place of the body, as it is made. */
  readonly stream?: AnswerStream;
  /** Profiles whose personal data is in the body: recorded in the audit log before it is sent. */
  readonly profiles?: readonly string[];
  /** Personal data is in the body that no profile stands for (yet), e.g. a quarantined payload. */
  readonly personal?: boolean;
}

/** An answer that is too large to be held. */
export interface AnswerStream {
  readonly contentType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;
}

interface OperationText {
  /** Unique, camelCase: the function's name in generated clients. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** Below `/api`, with `{parameters}`. */
  readonly route: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly permission: Permission;
  /** May take minutes: `Prefer: respond-async` answers 202 with a job. */
  readonly long?: boolean;
  /** Of the answer with status 200. */
  readonly answer: object;
  readonly command: OperationCommand;
  /** Problems of its own, besides those that any operation may answer. */
  readonly problems: readonly ProblemCode[];
}

export interface OperationDefinition<
  Path extends MembersSchema,
  Query extends MembersSchema,
  Body extends MembersSchema,
> extends OperationText {
  readonly path?: Path;
  readonly query?: Query;
  readonly body?: Body;
  handle(
    call: ApiCall<SettingsOf<Path>, SettingsOf<Query>, SettingsOf<Body>>,
  ): Promise<ApiAnswer> | ApiAnswer;
}

/** An operation whose parameters the router has validated. */
export interface Operation extends OperationText {
  readonly path: MembersSchema;
  readonly query: MembersSchema;
  readonly body: MembersSchema | undefined;
  handle(call: ApiCall<unknown, unknown, unknown>): Promise<ApiAnswer> | ApiAnswer;
}

export function defineOperation<
  const Path extends MembersSchema = None,
  const Query extends MembersSchema = None,
  const Body extends MembersSchema = None,
>(definition: OperationDefinition<Path, Query, Body>): Operation {
  const { path = none, query = none, body } = definition;
  return { ...definition, path, query, body };
}
