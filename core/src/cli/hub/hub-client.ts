// Calls of a running hub's API, and its refusals in words that say what to do.
import { isJsonObject, type JsonObject } from '@tributary/sdk';
import type { Operation } from '../../http/operations-table.ts';
import { roleMatrix, roles } from '../../http/roles.ts';
import type { CommandInput } from '../command.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { SafeTerminal } from '../terminal.ts';
import { boundSilence, type SilenceBound } from './bound-silence.ts';
import { HubFailure } from './hub-failure.ts';
import { readAddress, readKey } from './hub-options.ts';
import { textOf } from './table.ts';

/** Members of the path, the query and the body. */
export interface HubCall {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HubClient {
  /** The answer's JSON; of long work its job. Throws `HubFailure`. */
  call(operation: Operation, call: HubCall): Promise<unknown>;
  /** The answer's lines as they come. Throws `HubFailure`. */
  lines(operation: Operation, call: HubCall): AsyncIterable<string>;
}

/** Long work is a job; every other answer comes within this, or goes on coming. */
const callBoundMs = 120_000;

export async function openHub(input: CommandInput, terminal: SafeTerminal): Promise<HubClient> {
  const address = await readAddress(input, terminal);
  const key = await readKey(input, terminal);
  return {
    async call(operation, call) {
      const signal = AbortSignal.timeout(callBoundMs);
      const response = await send(operation, call, { address, key, terminal, signal });
      const answer = await readJson(response);
      if (response.ok) return answer;
      throw failureOf(operation, response, answer);
    },
    async *lines(operation, call) {
      const silence = boundSilence(callBoundMs);
      try {
        const { signal } = silence;
        const response = await send(operation, call, { address, key, terminal, signal });
        if (!response.ok) throw failureOf(operation, response, await readJson(response));
        yield* readLines(response, silence, address);
      } finally {
        silence.end();
      }
    },
  };
}

async function* readLines(
  response: Response,
  silence: SilenceBound,
  address: URL,
): AsyncGenerator<string> {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
  let rest = '';
  try {
    for await (const chunk of chunks) {
      silence.heard();
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new HubFailure(
      exitCodes.hubUnreachable,
      `HUB_ANSWER_CUT: ${address.origin}: found ${reasonOf(error)} in the middle of the answer, expected its end. What was printed is not all: ask again.`,
      { cause: error },
    );
  }
  if (rest !== '') yield rest;
}

interface Connection {
  readonly address: URL;
  readonly key: string;
  readonly terminal: SafeTerminal;
  readonly signal: AbortSignal;
}

async function send(
  { method, route, body: schema, long }: Operation,
  { path, query, body }: HubCall,
  { address, key, terminal, signal }: Connection,
): Promise<Response> {
  const place = route.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const url = new URL(`${address.pathname.replace(/\/$/, '')}/api${place}`, address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  try {
    return await terminal.fetch(url, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${key}`,
        ...(schema && { 'content-type': 'application/json' }),
        ...(long === true && { prefer: 'respond-async' }),
      },
      ...(schema && { body: JSON.stringify(body) }),
      // The key is for this hub and nobody whom it may point to.
      redirect: 'error',
      signal,
    });
  } catch (error) {
    throw new HubFailure(
      exitCodes.hubUnreachable,
      `HUB_UNREACHABLE: ${address.origin}: found ${reasonOf(error)}, expected a running hub. Start it, or say where it is with --url.`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(operation: Operation, response: Response, answer: unknown): HubFailure {
  const { status } = response;
  const problem: JsonObject = isJsonObject(answer) ? answer : {};
  const { code, detail } = problem;
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new HubFailure(
      exitCodeOf(status),
      `HUB_ANSWER_UNKNOWN: ${operation.id}: found status ${status} without a problem document, expected the API of a hub. Check --url.`,
    );
  }
  const after = response.headers.get('retry-after');
  const message = after === null ? '' : ` Try again in ${after} s.`;
  return problemFailure(operation, problem, message);
}

/** A problem document in words. */
export function problemFailure(operation: Operation, problem: JsonObject, later = ''): HubFailure {
  const { code, detail, candidates, status } = problem;
  const more = Array.isArray(candidates) ? ` Candidates: ${candidates.join(', ')}.` : '';
  const who = status === 403 ? ` ${rolesFor(operation)}` : '';
  const words = `${textOf(code)}: ${textOf(detail)}${more}${who}${later}`;
  return new HubFailure(exitCodeOf(Number(status)), words);
}

export function rolesFor({ permission }: Operation): string {
  const allowed = roles.filter((role) => roleMatrix[role].includes(permission));
  return `Needs a key with role ${allowed.join(' or ')}.`;
}

function exitCodeOf(status: number): ExitCode {
  switch (status) {
    case 400:
    case 413:
      return exitCodes.usage;
    case 401:
    case 403:
      return exitCodes.forbidden;
    case 404:
      return exitCodes.notFound;
    case 422:
      return exitCodes.configInvalid;
    case 409:
      return exitCodes.conflict;
    case 429:
    case 503:
      return exitCodes.hubUnreachable;
    default:
      return exitCodes.failed;
  }
}
