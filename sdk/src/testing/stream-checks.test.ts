// A good stream passes; each flaw makes the check fail that is about it.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import {
  classifyStatus,
  defineSource,
  isJsonObject,
  unreadableRecord,
  type SourceCall,
  type SourcePage,
  type SourcePlugin,
  type SourceRecord,
} from '../index.ts';
import { explainCheck, registerChecks, runChecks, testSource, type SourceCases } from './index.ts';

type Flaw =
  | 'saves ahead'
  | 'reads on'
  | 'forgets the signal'
  | 'throws its token'
  | 'drops what it cannot read';

interface Settings {
  readonly token: string;
  readonly baseUrl: string;
}
type Call = SourceCall<Settings, unknown>;

interface Item {
  readonly id: number;
  readonly item: unknown;
}
const idOf = (item: unknown): number => (isJsonObject(item) ? Number(item['id']) : 0);
const isWhole = ({ item }: Item): boolean =>
  isJsonObject(item) && typeof item['table'] === 'string';

/** Long polling: each answer holds what happened since. */
function createStreamSource(flaw?: Flaw): SourcePlugin {
  async function next(call: Call, after: number): Promise<readonly Item[]> {
    const { settings, fetch, clock } = call;
    const answer = await fetch(`${settings.baseUrl}/changes?after=${after}`, {
      headers: { authorization: settings.token },
      ...(flaw === 'forgets the signal' ? {} : { signal: call.signal }),
    });
    if (flaw === 'throws its token' && after >= 2) throw new Error(`failed with ${settings.token}`);
    const failure = classifyStatus(answer, clock.now());
    if (failure) throw failure;
    const body: unknown = await answer.json();
    const changes = isJsonObject(body) && Array.isArray(body['changes']) ? body['changes'] : [];
    const items: Item[] = changes.map((item: unknown) => ({ id: idOf(item), item }));
    return flaw === 'drops what it cannot read' ? items.filter(isWhole) : items;
  }

  return defineSource({
    name: 'changes',
    title: 'Changes',
    settings: {
      type: 'object',
      properties: {
        token: { type: 'string', writeOnly: true, title: 'Token' },
        baseUrl: { type: 'string', title: 'Base URL' },
      },
      required: ['token', 'baseUrl'],
      additionalProperties: false,
    },
    async *stream(call): AsyncGenerator<SourcePage> {
      let after = typeof call.checkpoint === 'number' ? call.checkpoint : 0;
      if (flaw === 'reads on') void readOn(call, after);
      while (!call.signal.aborted) {
        const items = await next(call, after);
        after = items.at(-1)?.id ?? after;
        const records = items.map((one) => (isWhole(one) ? change(one.id) : unreadableRecord(one)));
        yield { records, checkpoint: flaw === 'saves ahead' ? after + 1 : after };
      }
    },
  });

  async function readOn(call: Call, after: number): Promise<void> {
    for (let page = 0; page < 20 && !call.signal.aborted; page += 1) {
      await next(call, after).catch(() => undefined);
    }
  }
}

const change = (id: number): SourceRecord => ({
  type: 'track',
  event: 'Changed',
  messageId: `change-${id}`,
  identifiers: [{ namespace: 'crm_id', value: String(id) }],
});

const cases: SourceCases = {
  settings: (vendorUrl) => ({ token: 'a-token-of-changes', baseUrl: vendorUrl }),
  vendor: {
    async respond(request) {
      const after = Number(
        new URL(request.path, 'http://vendor.example').searchParams.get('after'),
      );
      const ids = [1, 2, 3, 4, 5, 6].filter((id) => id > after).slice(0, 2);
      if (ids.length === 0) await pause(3_000, undefined, { ref: false });
      return { json: { changes: ids.map((id) => ({ id, table: 'people' })) } };
    },
  },
  examples: [
    { title: 'what changed', in: { stream: {} }, out: { records: [1, 2, 3, 4, 5].map(change) } },
  ],
};

describe('a good stream', () => {
  registerChecks(test, testSource(createStreamSource(), cases));
});

describe.concurrent('a stream that', () => {
  it.each<[Flaw, string]>([
    ['saves ahead', 'stream: loses nothing when it is stopped between pages'],
    ['reads on', 'stream: waits for the hub'],
    ['throws its token', 'example: what changed'],
    ['drops what it cannot read', 'stream: hands on what it cannot read'],
  ])('%s fails at that', async (flaw, name) => {
    const results = await runChecks(testSource(createStreamSource(flaw), cases));
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed.map((result) => result.name)).toContain(name);
  });

  it('has nothing to say yet is stopped all the same', async () => {
    const quiet: SourceCases = {
      ...cases,
      vendor: { respond: () => new Promise(() => undefined) },
      examples: [{ title: 'nothing', in: { stream: {} }, out: { records: [] } }],
    };
    const resultOf = async (flaw?: Flaw): Promise<unknown> => {
      const checks = testSource(createStreamSource(flaw), quiet);
      const stop = checks.filter(({ name }) => name === 'stream: stops when it is told to');
      return (await runChecks(stop))[0]?.error;
    };
    expect(await resultOf()).toBeUndefined();
    expect(String(await resultOf('forgets the signal'))).toContain('ms later');
  });
});

test('every check says why it is there', () => {
  const { pull: _, ...stream } = createStreamSource();
  const unexplained = testSource(stream, cases).filter(({ name }) => !explainCheck(name));
  expect(unexplained).toEqual([]);
});
