// The table of operations as an OpenAPI 3.1 document.
import { isJsonObject, type JsonObject } from '@tributary/sdk';
import type { MembersSchema, Operation } from './operation.ts';
import { problems, type ProblemCode } from './problem.ts';
import { schemas } from './schemas.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly servers: readonly object[];
  readonly security: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
}

/** What any operation may answer. */
const general: readonly ProblemCode[] = [
  'REQUEST_INVALID',
  'KEY_MISSING',
  'KEY_INVALID',
  'ROLE_FORBIDS',
  'ATTEMPTS_EXCEEDED',
  'API_FAILED',
  'STORE_UNAVAILABLE',
];

export function openApiDocument(operations: readonly Operation[]): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    (paths[operation.route] ??= {})[operation.method] = describeOperation(operation);
  }
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version: '1',
      description: 'Profiles, audiences and operations of a customer-data hub.',
    },
    servers: [{ url: '/api' }],
    security: [{ key: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', bearerFormat: 'tk_<id>_<secret>' },
      },
      schemas,
    },
  };
}

export function problemCodesOf(operation: Operation): readonly ProblemCode[] {
  const ofBody: readonly ProblemCode[] = operation.body ? ['BODY_NOT_JSON', 'BODY_TOO_LARGE'] : [];
  const ofJob: readonly ProblemCode[] = operation.long === true ? ['JOBS_BUSY'] : [];
  return [...general, ...ofBody, ...ofJob, ...operation.problems];
}

function describeOperation(operation: Operation): object {
  const { id, tag, summary, description, permission, path, query, body, answer } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-permission': permission,
    parameters: [...parametersOf('path', path), ...parametersOf('query', query)],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      '200': { description: summary, content: { 'application/json': { schema: answer } } },
      ...(operation.long === true && { '202': jobResponse }),
      ...problemResponses(problemCodesOf(operation)),
    },
  };
}

function parametersOf(place: 'path' | 'query', schema: MembersSchema): object[] {
  return membersOf(schema).map(({ name, member, required }) => ({
    name,
    in: place,
    required: place === 'path' || required,
    schema: member,
  }));
}

export interface Member {
  readonly name: string;
  readonly member: JsonObject;
  readonly required: boolean;
}

export function membersOf(schema: MembersSchema | JsonObject): Member[] {
  const { required, properties } = schema;
  return Object.entries(properties ?? {}).map(([name, member]) => ({
    name,
    member: isJsonObject(member) ? member : {},
    required: Array.isArray(required) && required.includes(name),
  }));
}

const jobResponse = {
  description: 'To `Prefer: respond-async`: the job, which `readJob` tells about.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
};

/** One response per status; its description lists the codes. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([left], [right]) => left - right)
      .map(([status, list]) => [
        String(status),
        {
          description: list.map((code) => `${code}: ${problems[code].title}`).join('. '),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      ]),
  );
}
