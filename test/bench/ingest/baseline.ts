// What the same events cost the database alone: one table, a unique message id, batches of 500, one
// connection, each batch durable before the next. The hub's figures are told as a ratio to this one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statement } from '../../../core/src/store/store.ts';
import { sources } from './config.ts';
import type { StoreKind } from './options.ts';
import { openPlace, takePlace } from './place.ts';
import { createTraffic } from './traffic.ts';

const batchSize = 500;

const createTable = `CREATE TABLE baseline (message_id text PRIMARY KEY, payload jsonb NOT NULL);`;

const insert = statement(
  'baseline.insert',
  `INSERT INTO baseline SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT DO NOTHING`,
);

interface Message {
  readonly messageId: string;
}

/** Events per second. */
export async function measureBaseline(kind: StoreKind, events: number): Promise<number> {
  const migrationsFolder = await mkdtemp(join(tmpdir(), 'tributary-baseline-'));
  await writeFile(join(migrationsFolder, '0001_baseline.sql'), createTable);
  const { place, dispose } = await takePlace(kind);
  try {
    const store = await openPlace(place, migrationsFolder);
    try {
      const batches = makeBatches(events);
      const started = performance.now();
      for (const messages of batches) {
        // Read, as the hub does, from what came over the wire: the text is made once for both.
        await store.query('intake', insert, [
          messages.map(({ messageId }) => messageId),
          messages.map((message) => JSON.stringify(message)),
        ]);
      }
      return (events * 1_000) / (performance.now() - started);
    } finally {
      await store.close();
    }
  } finally {
    await dispose();
    await rm(migrationsFolder, { recursive: true, force: true });
  }
}

function makeBatches(events: number): Message[][] {
  const seed = Date.now() % 1e9;
  const traffics = sources.map((source, place) =>
    createTraffic({ source, seed: seed + place, known: 10_000, firstNew: 10_000 }),
  );
  return Array.from({ length: Math.ceil(events / batchSize) }, (_, request) => {
    const size = Math.min(batchSize, events - request * batchSize);
    const messages = traffics[request % traffics.length]?.next(request, size, Date.now()) ?? [];
    return messages.filter(isMessage);
  });
}

function isMessage(message: object): message is Message {
  return 'messageId' in message && typeof message.messageId === 'string';
}
