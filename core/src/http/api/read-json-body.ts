// Reads the JSON body of an API call, once it is known who asks and that she may.
import type { IncomingMessage } from 'node:http';
import { readRawBody, type BodyBudget } from '../sources/read-raw-body.ts';
import { ApiProblem } from './problem.ts';

const maxBytes = 262_144;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws BODY_TOO_LARGE, BODY_NOT_JSON, INTAKE_BUSY. An empty body is an empty object. */
export async function readJsonBody(request: IncomingMessage, budget: BodyBudget): Promise<unknown> {
  const body = await readRawBody(request, maxBytes, budget);
  switch (body.kind) {
    case 'read':
      budget.giveBack(body.bytes.byteLength);
      return body.bytes.byteLength === 0 ? {} : parse(body.bytes);
    case 'too_large':
      throw new ApiProblem('BODY_TOO_LARGE', { detail: `At most ${maxBytes} bytes are taken.` });
    case 'too_many':
      throw new ApiProblem('INTAKE_BUSY', {
        detail: 'Too many large requests at once. Try again.',
        retryAfterSeconds: 1,
      });
    case 'gone':
      throw new ApiProblem('BODY_NOT_JSON', { detail: 'The body ended early.' });
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    const detail =
      'Found a body that is not JSON in UTF-8, expected a JSON object. Mend the caller.';
    throw new ApiProblem('BODY_NOT_JSON', { detail });
  }
}
