// Turns the table of operations into routes. The order of each call: who asks, may she, is it well
// formed, do it, record what was read, answer.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response, type Router } from 'express';
import type { PluginLogger } from '@tributary/sdk';
import type { AuditRecorder } from '../../audit/group-append.ts';
import { isIntakeBusy } from '../../intake/intake.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Hub } from '../hub-reads.ts';
import type { KeyStore } from '../key-store.ts';
import type { BodyBudget } from '../sources/read-raw-body.ts';
import { permit, type Guard } from './authenticate.ts';
import { openApiDocument } from './openapi.ts';
import type { AnswerStream, ApiAnswer, Operation } from './operation.ts';
import { createJobs, type Jobs, type Progress } from './jobs.ts';
import { wireOf } from './operations/job-operations.ts';
import { ApiProblem, isApiProblem, problemDocument } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';
import { createCallValidator, type CallValidator } from './validate.ts';

export interface ApiWorld {
  readonly hub: Hub;
  readonly keys: KeyStore;
  readonly guard: Guard;
  readonly recorder: AuditRecorder;
  readonly budget: BodyBudget;
  readonly jobs: Jobs;
  readonly log: Pick<PluginLogger, 'error'>;
  now(): number;
}

/** They outlive a change of config, and with it the router. */
export function createApiJobs(world: Pick<ApiWorld, 'log' | 'now'>): Jobs {
  const { now } = world;
  return createJobs({ now, problemOf: (error) => problemDocument(problemOf(error, world)) });
}

export function createApiRouter(operations: readonly Operation[], world: ApiWorld): Router {
  const router = express.Router({ caseSensitive: true });
  const document = JSON.stringify(openApiDocument(operations));
  router.get('/openapi.json', (_, response) => {
    response.type('application/json').send(document);
  });
  for (const operation of operations) {
    const validate = createCallValidator(operation);
    const route = operation.route.replaceAll(/\{(\w+)\}/g, ':$1');
    router[operation.method](route, async (request, response) => {
      response.locals['route'] = operation.id;
      await answer(response, world, () => run(operation, validate, request, world));
    });
  }
  router.use((request, response) =>
    answer(response, world, () => refuse(request, operations, world)),
  );
  return router;
}

async function run(
  operation: Operation,
  validate: CallValidator,
  request: Request,
  world: ApiWorld,
): Promise<Answered> {
  const key = await world.guard.identify(request.headers.authorization, addressOf(request));
  permit(key, operation.permission);
  refuseHalfMade(operation, world.hub);
  const body = operation.body ? await readJsonBody(request, world.budget) : undefined;
  const call = validate({ path: request.params, query: request.query, body });
  const actor = `key:${key.id}`;
  const { hub, keys, jobs } = world;
  const now = world.now();
  const handle = async (progress: Progress): Promise<ApiAnswer> => {
    const asked = { ...call, hub, keys, key, actor, now, jobs, progress };
    const result = await operation.handle(asked);
    await recordReading(operation, result, actor, world);
    return result;
  };
  if (operation.long !== true || !prefersJob(request)) {
    return { status: 200, ...(await handle(() => undefined)) };
  }
  const work = async (progress: Progress): Promise<unknown> => (await handle(progress)).body;
  return { status: 202, body: wireOf(jobs.start(operation.id, key.id, work)) };
}

interface Answered {
  readonly status: 200 | 202;
  readonly body: unknown;
  readonly stream?: AnswerStream;
}

/** RFC 7240. */
function prefersJob({ headers: { prefer } }: Request): boolean {
  const wishes = [prefer ?? []].flat().flatMap((line) => line.split(','));
  return wishes.some((wish) => wish.trim().toLowerCase() === 'respond-async');
}

/** While people are made anew from the log, what is said of one of them would be wrong. */
function refuseHalfMade({ permission }: Operation, { changes }: Hub): void {
  const progress = changes.state().peopleAnew;
  const isOfPeople = permission === 'people.read' || permission === 'identity.decide';
  if (progress === undefined || !isOfPeople) return;
  const { done, all } = progress;
  throw new ApiProblem('PEOPLE_BEING_MADE', {
    detail: `People are made anew from the log, since the rules for it have changed: ${done} of ${all} events so far.`,
    retryAfterSeconds: 5,
  });
}

/** Before the answer leaves: nothing personal is read unrecorded. */
async function recordReading(
  operation: Operation,
  { profiles = [], personal = false, stream }: ApiAnswer,
  actor: string,
  { hub, recorder, now }: ApiWorld,
): Promise<void> {
  if (profiles.length === 0 && !personal) return;
  const subjects = await hub.profiles.auditReferences(profiles);
  const details = { operation: operation.id, profiles: profiles.length };
  const kind = stream === undefined ? 'data.read' : 'data.exported';
  await recorder.record({ kind, at: now(), actor, subjects, details });
}

/** Even what is not there is told only to those who hold a key. */
async function refuse(
  request: Request,
  operations: readonly Operation[],
  world: ApiWorld,
): Promise<never> {
  await world.guard.identify(request.headers.authorization, addressOf(request));
  const known = operations.filter(({ route }) => patternOf(route).test(request.path));
  if (known.length === 0) {
    throw new ApiProblem('ROUTE_UNKNOWN', { detail: 'See /api/openapi.json for what there is.' });
  }
  const methods = known.map(({ method }) => method.toUpperCase()).join(', ');
  throw new ApiProblem('METHOD_UNKNOWN', { detail: `The path takes ${methods}.` });
}

function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}

function addressOf(request: Request): string {
  return request.ip ?? '';
}

async function answer(
  response: Response,
  world: ApiWorld,
  work: () => Promise<Answered>,
): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  try {
    const { status, body, stream } = await work();
    if (stream === undefined) response.status(status).json(body);
    else await sendStream(response, stream, world);
  } catch (error) {
    sendProblem(response, problemOf(error, world));
  }
}

/** An answer that has begun and fails is cut off: nobody takes half of it for the whole. */
async function sendStream(
  response: Response,
  { contentType, fileName, chunks }: AnswerStream,
  world: ApiWorld,
): Promise<void> {
  response.status(200).type(contentType);
  response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  try {
    await pipeline(Readable.from(chunks), response);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    world.log.error('an answer was cut off', { reason });
    response.destroy();
  }
}

export function sendProblem(response: Response, problem: ApiProblem): void {
  const document = problemDocument(problem);
  const { retryAfterSeconds } = problem.fields;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  if (document.status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.status(document.status).type('application/problem+json').send(JSON.stringify(document));
}

function problemOf(error: unknown, world: Pick<ApiWorld, 'log'>): ApiProblem {
  if (isApiProblem(error)) return error;
  if (isIntakeBusy(error)) {
    const { retryAfterSeconds } = error;
    return new ApiProblem('INTAKE_BUSY', { detail: 'Send it again later.', retryAfterSeconds });
  }
  if (isStoreError(error, 'STORE_UNAVAILABLE') || isStoreError(error, 'STORE_CLOSED')) {
    const detail = 'Whether the call took effect is unknown. Try again once the hub is ready.';
    return new ApiProblem('STORE_UNAVAILABLE', { detail, retryAfterSeconds: 1 });
  }
  const reason = error instanceof Error ? error.message : 'unknown';
  world.log.error('an API call failed', { reason });
  return new ApiProblem('API_FAILED', { detail: 'Look into the log of the hub.' });
}
