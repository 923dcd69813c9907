// The hub of the soak: a process of its own under a clock that runs faster, so that it can be killed. It
// answers its parent's questions about its memory and its store.
import { loadConfig } from '../../core/src/config/load-config.ts';
import { createConfigWorld } from '../../core/src/config/world.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import { createFastClock } from './fast-clock.ts';
import type { SoakAnswer, SoakQuestion } from './soak-process.ts';

const [configFile = '', began = '', times = ''] = process.argv.slice(2);
const clock = createFastClock(Number(began), Number(times));
const hub = await startHub(await loadConfig(configFile, createConfigWorld(process.env)), {
  clock,
  port: 0,
  log: createLogger({ level: 'error' }),
});

/** Something that was due longer ago than this, of the hub's clock, is stuck. */
const stuckAfterMs = 3_600_000;

const stuckIn = (table: string): string =>
  `(SELECT count(*) FROM ${table} WHERE status IN ('due', 'sending', 'polling') AND due_at < $1::timestamptz)`;
const selectStuck = dynamicStatement(
  'soak.stuck',
  `SELECT (${['ledger', 'forward', 'action'].map(stuckIn).join(' + ')})::int AS stuck`,
);
const selectCounts = dynamicStatement(
  'soak.counts',
  `SELECT (SELECT last FROM log_head)::int AS events, (SELECT count(*) FROM profile)::int AS people`,
);

const answers: Readonly<Record<SoakQuestion, (of: Hub) => Promise<object>>> = {
  // Without a collection the heap tells of the collector's mood.
  async memory() {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed / 1_048_576, rss: rss / 1_048_576 };
  },
  async stuck({ store }) {
    const before = new Date(clock.now() - stuckAfterMs).toISOString();
    const [row] = await store.query<{ stuck: number }>('background', selectStuck, [before]);
    return { stuck: row?.stuck ?? 0 };
  },
  async counts({ store }) {
    const [row] = await store.query<{ events: number; people: number }>('background', selectCounts);
    return { ...row };
  },
  async stop({ stop }) {
    await stop();
    return {};
  },
};

process.on('message', (question: SoakQuestion) => {
  void answers[question](hub).then(tell, (error: unknown) => tell({ error: String(error) }));
});
tell({ url: hub.url, firstKey: hub.firstKey ?? '' });

function tell(answer: SoakAnswer): void {
  process.send?.(answer);
  if (Object.keys(answer).length === 0) process.disconnect();
}
