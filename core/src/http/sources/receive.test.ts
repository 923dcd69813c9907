// What requests hold in memory and leave behind is bounded, and nobody is told that something was kept
// that was not.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { defineSource, type HttpAnswer, type SourceAnswer } from '@tributary/sdk';
import { createTestContext } from '@tributary/sdk/testing';
import { testSource } from '../../../../test/support/settings.ts';
import type { FoundSource } from './find-source.ts';
import { resolveMounts } from './find-source.ts';
import { createKeepRate } from './keep-rate.ts';
import type { OpenedSource } from './mounted-source.ts';
import { createBodyBudget } from './read-raw-body.ts';
import { receive, type SourceWorld } from './receive.ts';

function found(handle: () => SourceAnswer | Promise<SourceAnswer>): FoundSource {
  const definition = defineSource({
    name: 'shop',
    title: 'Shop',
    settings: { type: 'object' },
    http: { paths: ['/*'], handle },
  }) as OpenedSource['definition'];
  const context = createTestContext({ settings: {} });
  const opened = { settings: testSource('shop'), definition, context, connection: undefined };
  const [source] = resolveMounts([opened]);
  if (!source) throw new Error('it does not listen');
  return { source, path: '/' };
}

function worldOf(change: Partial<SourceWorld> = {}): SourceWorld {
  const now = () => 1_000;
  return {
    intake: { submit: () => Promise.reject(new Error('none')), keepUnreadable: async () => {} },
    budget: createBodyBudget(10_000),
    failures: { keep: async () => {}, tell() {} },
    unreadable: createKeepRate({ bodies: 3, bytes: 1_000 }, now),
    paused: { list: async () => new Set() },
    timeoutMs: 10_000,
    now,
    ...change,
  };
}

const post = (source: FoundSource, bytes: number, world: SourceWorld) => {
  const message = Object.assign(Readable.from([Buffer.alloc(bytes)]), {
    method: 'POST',
    url: '/',
    headers: {},
  });
  return receive(source, message as unknown as IncomingMessage, '', world);
};

test('a body counts as long as its request is under way', async () => {
  const { promise, resolve } = Promise.withResolvers<SourceAnswer>();
  const source = found(() => promise);
  const world = worldOf();
  const first = [post(source, 4_000, world), post(source, 4_000, world)];
  await new Promise((next) => setImmediate(next));
  expect(await post(source, 4_000, world)).toMatchObject({ status: 429 });
  resolve({ answer: { status: 200 } });
  await Promise.all(first);
  expect(await post(source, 4_000, world)).toMatchObject({ status: 200 });
});

const answers = async (answer: HttpAnswer, sizes: readonly number[]) => {
  const kept: number[] = [];
  const unreadable = { code: 'NO_ORDER', message: 'it names no order' };
  const source = found(() => ({ unreadable, answer }));
  const world = worldOf({
    intake: {
      submit: () => Promise.reject(new Error('none')),
      keepUnreadable: async (...[, , , payload]) => void kept.push(payload.byteLength),
    },
  });
  const statuses: (number | undefined)[] = [];
  for (const size of sizes) statuses.push((await post(source, size, world))?.status);
  return { kept, statuses };
};

test('of bodies that cannot be read only so many are kept, the rest is to come again', async () => {
  const { kept, statuses } = await answers({ status: 200 }, [10, 20, 30, 40]);
  expect(kept).toEqual([10, 20, 30]);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('and only so much of them', async () => {
  const { kept, statuses } = await answers({ status: 200 }, [600, 600]);
  expect([kept, statuses]).toEqual([[600], [200, 429]]);
});

test('who is refused anyway hears why', async () => {
  const { kept, statuses } = await answers({ status: 400 }, [10, 20, 30, 40]);
  expect([kept.length, statuses]).toEqual([3, [400, 400, 400, 400]]);
});
