// The process that is measured: the hub as `tributary start` composes it, which also says when it has
// resolved a batch, and answers what the measuring process asks of its store once the load is over.
import { loadConfig } from '../../../core/src/config/load-config.ts';
import { createConfigWorld } from '../../../core/src/config/world.ts';
import { startHub, type Hub } from '../../../core/src/hub.ts';
import { createLogger } from '../../../core/src/observe/logger.ts';
import { decodePayload } from '../../../core/src/standardise/payload-codec.ts';
import { isReduced } from '../../../core/src/standardise/reduced-record.ts';
import { statement } from '../../../core/src/store/store.ts';
import { steadyNow, type FromHub, type HubState, type Members, type ToHub } from './messages.ts';
import { openPlaceOf } from './timed-store.ts';
import { requestOf } from './traffic.ts';

const configFile = process.argv[2] ?? '';
const timed = process.argv.includes('--statements');

const selectState = statement(
  'bench.state',
  `SELECT (SELECT last FROM log_head) AS last,
     (SELECT position FROM cursor WHERE consumer = 'resolve') AS resolved,
     NOT EXISTS (SELECT FROM audience WHERE computing_after IS NOT NULL)
       AND NOT EXISTS (SELECT FROM computed_definition WHERE computing_after IS NOT NULL) AS computed`,
);
const selectMembers = statement(
  'bench.members',
  'SELECT audience, count(*) AS count FROM membership GROUP BY audience',
);
const selectPayloads = statement(
  'bench.payloads',
  'SELECT number, key_id, payload FROM event WHERE number > $1 ORDER BY number LIMIT 2000',
);

const loaded = await loadConfig(configFile, createConfigWorld({}));
const timings = timed ? await openPlaceOf(loaded.config.store) : undefined;
const hub = await startHub(loaded, {
  port: 0,
  log: createLogger({ level: 'warn', secrets: loaded.secrets }),
  ...(timings && { store: timings.store }),
  onBatch: ({ upTo }) => tell({ kind: 'resolved', upTo, at: steadyNow() }),
});
process.on('message', (asked: ToHub) => void answer(hub, asked));
tell({ kind: 'listening', url: hub.url });

function tell(message: FromHub): void {
  process.send?.(message);
}

async function answer(running: Hub, asked: ToHub): Promise<void> {
  const value = await valueOf(running, asked);
  tell({ kind: 'answer', id: asked.id, value });
  if (asked.kind === 'stop') process.disconnect();
}

function valueOf(running: Hub, asked: ToHub): Promise<unknown> {
  switch (asked.kind) {
    case 'state':
      return stateOf(running);
    case 'members':
      return membersOf(running);
    case 'requests':
      return requestsAfter(running, asked.after);
    case 'stop':
      return running.stop();
  }
}

async function stateOf({ store }: Hub): Promise<HubState> {
  const [row] = await store.query<Pick<HubState, 'last' | 'resolved' | 'computed'>>(
    'gate',
    selectState,
  );
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return {
    ...(row ?? { last: 0, resolved: 0, computed: false }),
    peakMemoryMb: Math.round(maxRSS / 1_024),
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    statements: timings?.read() ?? [],
  };
}

async function membersOf({ store }: Hub): Promise<Members> {
  const rows = await store.query<{ audience: string; count: number }>('gate', selectMembers);
  return Object.fromEntries(rows.map(({ audience, count }) => [audience, count]));
}

async function requestsAfter({ store }: Hub, after: number): Promise<[number, number, number][]> {
  const highest = new Map<string, [number, number, number]>();
  for (let at = after; ;) {
    const rows = await store.query<{ number: number; key_id: number; payload: Uint8Array }>(
      'background',
      selectPayloads,
      [at],
    );
    for (const { number, key_id: keyId, payload } of rows) {
      const stored = decodePayload({ keyId, bytes: payload });
      const messageId = isReduced(stored) ? '' : (stored.messageId ?? '');
      const { seed, request } = requestOf(messageId);
      highest.set(`${seed} ${request}`, [seed, request, number]);
    }
    const last = rows.at(-1);
    if (last === undefined) return [...highest.values()];
    at = last.number;
  }
}
