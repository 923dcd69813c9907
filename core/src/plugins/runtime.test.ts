// Opening and closing plugins that misbehave: bounded in time, named, with a guess at the cause.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  defineDestination,
  defineSource,
  PluginError,
  type DestinationDefinition,
  type LogFields,
  type SettingsSchema,
  type UnknownSettings,
} from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import type { HubLogger } from '../observe/logger.ts';
import type { InstanceRequest, PluginWorld } from './instance.ts';
import { createPluginRuntime } from './runtime.ts';

const settings = { type: 'object' } as const;
type Definition = DestinationDefinition<UnknownSettings, unknown>;

function request(definition: Partial<Definition>): InstanceRequest {
  const plugin = defineDestination<SettingsSchema, unknown>({
    name: 'trial',
    title: 'Trial',
    settings,
    identifiers: ['email'],
    channel: 'email',
    ...definition,
  });
  return { id: 'mail', plugin, settings: { greeting: 'hello' } };
}

function createLog(lines: LogFields[], fields: LogFields = {}): HubLogger {
  const write = (message: string, more: LogFields = {}): void => {
    lines.push({ message, ...fields, ...more });
  };
  return {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: (more) => createLog(lines, { ...fields, ...more }),
    hide: () => undefined,
  };
}

function createWorld(more: Partial<PluginWorld> = {}): PluginWorld {
  return {
    clock: { now: () => 5, sleep: async () => undefined },
    random: () => 0.5,
    log: createLog([]),
    secrets: ['sesame-open-42'],
    openTimeoutMs: 100,
    closeTimeoutMs: 100,
    ...more,
  };
}

const never = async (): Promise<never> => new Promise(() => undefined);

describe('open', () => {
  test('hands over settings, clock, log and randomness, and keeps what the plugin made', async () => {
    const lines: LogFields[] = [];
    const runtime = createPluginRuntime(createWorld({ log: createLog(lines) }));
    const answer = await runtime.open(
      request({
        open: (context) => {
          context.log.info('opened', { at: context.clock.now(), random: context.random() });
          return { greeting: context.settings['greeting'] };
        },
      }),
    );
    expect(answer).toMatchObject({ opened: { id: 'mail', connection: { greeting: 'hello' } } });
    expect(lines).toEqual([{ message: 'opened', instance: 'mail', at: 5, random: 0.5 }]);
  });

  test('a source without `open` is open at once', async () => {
    const plugin = defineSource({
      name: 'shop',
      title: 'Shop',
      settings,
      pull: async function* () {},
    });
    const answer = await createPluginRuntime(createWorld()).open({ id: 'a', plugin, settings: {} });
    expect(answer).toMatchObject({ opened: { id: 'a', plugin: { name: 'shop' } } });
  });

  test('that hangs on nothing is given up; the guess is a promise that is never resolved', async () => {
    const answer = await createPluginRuntime(createWorld()).open(request({ open: never }));
    expect(answer).toMatchObject({
      problem: {
        instance: 'mail',
        code: 'PLUGIN_OPEN_TIMEOUT',
        message: expect.stringContaining('the plugin trial still opening after 0.1 s'),
        hint: expect.stringContaining('never resolved'),
      },
    });
  });

  test('that waits for an answer is told with the host, and its call is aborted', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const cut = new Promise((resolve) => {
      server.on('connection', (socket) => socket.once('close', resolve));
    });
    const answer = await createPluginRuntime(createWorld()).open(
      request({ open: async ({ fetch }) => fetch(`http://127.0.0.1:${port}/login?key=1`) }),
    );
    expect(answer).toMatchObject({
      problem: { hint: expect.stringContaining(`waiting for an answer from 127.0.0.1:${port}:`) },
    });
    await cut;
    server.close();
  });

  test('that ends too late is closed again', async () => {
    const late = Promise.withResolvers<string>();
    const closed: unknown[] = [];
    await createPluginRuntime(createWorld()).open(
      request({
        open: async () => late.promise,
        close: ({ connection }) => {
          closed.push(connection);
        },
      }),
    );
    late.resolve('late');
    await expect.poll(() => closed).toEqual(['late']);
  });

  test.each([
    [new PluginError('auth', 'key sesame-open-42 is wrong'), /key \[secret\] is wrong/, /credent/],
    [new PluginError('transient', 'refused'), /refused/, /Check the address/],
    [new TypeError('x is undefined'), /x is undefined/, /ask its author/],
  ])('that throws is named, without secrets: %s', async (error, message, hint) => {
    const answer = await createPluginRuntime(createWorld()).open(
      request({
        open: () => {
          throw error;
        },
      }),
    );
    expect(answer).toMatchObject({
      problem: {
        code: 'PLUGIN_OPEN_FAILED',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      },
    });
  });
});

describe('close', () => {
  test('first aborts what the instance has under way, then lets it say good-bye', async () => {
    const seen: string[] = [];
    const runtime = createPluginRuntime(
      createWorld({ fetch: async () => new Response('good-bye') }),
    );
    const mail = await runtime.open(
      request({
        open: ({ signal }) => signal.addEventListener('abort', () => seen.push('aborted')),
        close: async ({ fetch }) => {
          seen.push(await (await fetch('http://vendor.example/bye')).text());
        },
      }),
    );
    if (!('opened' in mail)) throw new Error('it did not open');
    expect(await runtime.close(mail.opened)).toBeUndefined();
    expect(seen).toEqual(['aborted', 'good-bye']);
    expect(await runtime.close(mail.opened)).toBeUndefined();
    expect(seen).toHaveLength(2);
  });

  test('ends one of two with the same id and leaves the other alone', async () => {
    const closed: unknown[] = [];
    const runtime = createPluginRuntime(createWorld());
    const open = async (connection: string) => {
      const close: Definition['close'] = (call) => void closed.push(call.connection);
      const answer = await runtime.open(request({ open: () => connection, close }));
      if (!('opened' in answer)) throw new Error('it did not open');
      return answer.opened;
    };
    const [before, next] = [await open('before'), await open('next')];
    await runtime.close(before);
    expect([closed, before.context.signal.aborted, next.context.signal.aborted]).toEqual([
      ['before'],
      true,
      false,
    ]);
  });

  test('that hangs or throws is given up and does not hold the others', async () => {
    const runtime = createPluginRuntime(createWorld());
    const closed: string[] = [];
    await runtime.open({ ...request({ close: never }), id: 'hangs' });
    await runtime.open({
      ...request({
        close: () => {
          throw new Error('no sesame-open-42');
        },
      }),
      id: 'throws',
    });
    await runtime.open({
      ...request({
        close: () => {
          closed.push('well');
        },
      }),
      id: 'well',
    });
    const problems = await runtime.closeAll();
    expect(closed).toEqual(['well']);
    expect(problems.map(({ instance, code }) => `${instance} ${code}`)).toEqual([
      'hangs PLUGIN_CLOSE_TIMEOUT',
      'throws PLUGIN_CLOSE_FAILED',
    ]);
    expect(JSON.stringify(problems)).not.toContain('sesame-open-42');
  });
});
