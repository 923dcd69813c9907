// Plugins that throw, hang, flood or answer nonsense while the hub runs: each is named, what was sent to it is
// kept, and records that come in by another source are taken and resolved as if it were not there.
import { isPlugin } from '@tributary/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../support/wait-until.ts';
import { baseConfig, codeOf, startBadInputHub, type BadInputHub } from './bad-input/hub.ts';
import misbehaves, { httpWays, pullWays } from './bad-input/misbehaves.ts';

const idOf = (how: string): string => how.replace(/[^a-z0-9]+/gi, '_').toLowerCase();
const instances = [...httpWays, ...pullWays].map((how) => [
  idOf(how),
  { plugin: './bad-input/misbehaves.ts', settings: { how } },
]);

let hub: BadInputHub;
let hanging: Promise<Said>;
beforeAll(async () => {
  const sources = { ...baseConfig.sources, ...Object.fromEntries(instances) };
  hub = await startBadInputHub({ ...baseConfig, sources });
  hanging = send('hangs');
});
afterAll(() => hub.hub.stop());

interface Said {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
}

async function send(how: string): Promise<Said> {
  const url = `${hub.url}/sources/${idOf(how)}`;
  const response = await fetch(url, { method: 'POST', body: `{"how":"${how}"}` });
  const text = await response.text();
  return { status: response.status, code: codeOf(text), text };
}

interface Row {
  readonly how: string;
  readonly answer: readonly [status: number, code?: string];
  readonly kept?: readonly string[];
  readonly accepted?: number;
}

const kept = ['RECORD_UNREADABLE'];
const rows: readonly Row[] = [
  { how: 'throws', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'rejects', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'throws nothing', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers undefined', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers a text', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers records that are none', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers without respond', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers no status', answer: [500, 'SOURCE_FAILED'], kept },
  { how: 'answers a status of its own', answer: [500, 'SOURCE_ANSWER_INVALID'] },
  { how: 'breaks a header', answer: [500, 'SOURCE_ANSWER_INVALID'] },
  { how: 'throws after the commit', answer: [500, 'SOURCE_ANSWER_INVALID'], accepted: 1 },
  { how: 'floods with 50,000 records', answer: [500, 'SOURCE_FAILED'], kept },
];

it('has a row for every way of what passes for a plugin', () => {
  expect(isPlugin(misbehaves)).toBe(true);
  expect([...rows.map(({ how }) => how), 'hangs'].sort()).toEqual([...httpWays].sort());
});

it('a source that hangs is given up, and what was sent to it is kept', async () => {
  expect(await hanging).toMatchObject({ status: 503, code: 'SOURCE_TIMEOUT' });
});

it.each(rows)('a source that $how', async ({ how, answer, kept: expected = [], accepted = 0 }) => {
  const before = await hub.left();
  const [bad, good] = await Promise.all([send(how), hub.good()]);
  expect(good.status).toBe(200);
  const after = await hub.left();
  expect({
    answer: [bad.status, ...(bad.code === undefined ? [] : [bad.code])],
    kept: after.kept.slice(before.kept.length),
  }).toEqual({ answer, kept: expected });
  expect(bad.text).not.toContain('ada@example.com');
  expect(after.accepted - before.accepted).toBeGreaterThanOrEqual(accepted + 1);
});

const states: Readonly<Record<string, string>> = {
  'pull throws': 'waiting SOURCE_FAILED',
  'pull hangs': 'running',
  'pull yields nothing at all': 'waiting SOURCE_FAILED',
  'pull yields a text': 'waiting SOURCE_FAILED',
  'pull has a checkpoint of 1 MB': 'waiting SOURCE_FAILED',
  'pull never ends': 'running',
  'pull goes in circles': 'running',
};

it.each(pullWays)('a source whose %s is named and waits', async (how) => {
  let found = '';
  await waitUntil(
    async () => {
      const answer = await fetch(`${hub.url}/api/sources`, {
        headers: { authorization: `Bearer ${hub.hub.firstKey ?? ''}` },
      });
      const { items } = (await answer.json()) as { items: Record<string, string>[] };
      const source = items.find(({ id }) => id === idOf(how));
      found = [source?.['state'], source?.['code']].filter(Boolean).join(' ');
      return found === states[how];
    },
    { what: how, describe: () => found },
  );
  expect(found).toBe(states[how]);
});
