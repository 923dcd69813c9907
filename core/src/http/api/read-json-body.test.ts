// The bodies of API calls count among all that are in memory, for as long as they are.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createBodyBudget } from '../sources/read-raw-body.ts';
import { readJsonBody } from './read-json-body.ts';

const requestOf = (text: string): IncomingMessage =>
  Object.assign(Readable.from([Buffer.from(text)]), { headers: {} }) as unknown as IncomingMessage;

test('a body gives back what it took, whether it is JSON or not', async () => {
  const budget = createBodyBudget(20);
  for (let call = 0; call < 5; call += 1) {
    expect(await readJsonBody(requestOf('{"page": 1}'), budget)).toEqual({ page: 1 });
    await expect(readJsonBody(requestOf('{"page": oops'), budget)).rejects.toThrow(/JSON/);
  }
});
