// How fast both stores take batches of rows: 500 at a time, by unnest, one durable transaction
// each. Prints JSON. Run: node --conditions=tributary-source test/bench/store.ts [seconds]
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { openServerStore } from '../../core/src/store/server.ts';
import { isoTime, statement } from '../../core/src/store/store.ts';
import type { Statement, Store } from '../../core/src/store/store.ts';
import { hasService, postgresUrl } from '../support/services.ts';
import { dropSchema, freshSchema } from '../support/schemas.ts';

const seconds = Number(process.argv[2] ?? 4);
const batchSize = 500;
const migrationsFolder = new URL('../../core/src/store/fixtures/migrations', import.meta.url)
  .pathname;

const createTables = [
  `CREATE TABLE bench_event (number bigint PRIMARY KEY, source text NOT NULL, hash uuid NOT NULL,
     at timestamptz NOT NULL, payload bytea NOT NULL)`,
  'CREATE TABLE bench_seen (source text, hash uuid, PRIMARY KEY (source, hash))',
].map((text, index) => statement(`bench.create.${index}`, text));

const insertText = `
  WITH incoming AS (
    SELECT row_number() OVER () AS place, i.source, i.hash, i.at, i.payload
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bytea[])
      AS i (source, hash, at, payload)
  ), fresh AS (
    INSERT INTO bench_seen (source, hash)
    SELECT source, hash FROM incoming
    ON CONFLICT DO NOTHING
    RETURNING source, hash
  ), advanced AS (
    UPDATE head SET last = last + (SELECT count(*) FROM fresh)
    RETURNING last
  ), numbered AS (
    SELECT (SELECT last FROM advanced) - count(*) OVER () + row_number() OVER (ORDER BY place)
      AS number, incoming.*
    FROM incoming JOIN fresh USING (source, hash)
  )
  INSERT INTO bench_event (number, source, hash, at, payload)
  SELECT number, source, hash, at, payload FROM numbered
  RETURNING number, hash
`;
const insertPrepared = statement('bench.insert', insertText);
const insertUnprepared: Statement = { ...insertPrepared, prepared: false };
const selectOne = statement('bench.one', 'SELECT 1 AS one');
const readBack = statement(
  'bench.read',
  'SELECT number, source, hash, at, payload FROM bench_event WHERE number > $1 ORDER BY number LIMIT 500',
);

let made = 0;
function makeBatch(): unknown[] {
  const columns: [string[], string[], string[], Uint8Array[]] = [[], [], [], []];
  for (let index = 0; index < batchSize; index += 1) {
    made += 1;
    const hash = createHash('sha256').update(`${made}`).digest('hex').slice(0, 32);
    columns[0].push('web');
    columns[1].push(hash);
    columns[2].push(isoTime(1_700_000_000_000 + made));
    columns[3].push(Buffer.from(JSON.stringify({ type: 'track', made, padding: 'x'.repeat(300) })));
  }
  return columns;
}

async function rate(work: () => Promise<unknown>): Promise<{ perSecond: number; ms: number }> {
  await work();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < seconds * 1_000) {
    await work();
    count += 1;
  }
  const elapsed = performance.now() - started;
  return { perSecond: Math.round((count * 1_000) / elapsed), ms: round(elapsed / count) };
}

async function measure(store: Store): Promise<object> {
  for (const create of createTables) await store.query('background', create);
  const insert = (chosen: Statement) =>
    rate(() =>
      store.transaction('intake', (transaction) => transaction.query(chosen, makeBatch())),
    );
  const prepared = await insert(insertPrepared);
  const unprepared = await insert(insertUnprepared);
  let position = 0;
  const read = await rate(async () => {
    const rows = await store.query<{ number: number }>('resolve', readBack, [position]);
    position = rows.at(-1)?.number ?? 0;
  });
  return {
    rowsPerSecond: prepared.perSecond * batchSize,
    batchMs: prepared.ms,
    unpreparedBatchMs: unprepared.ms,
    read500Ms: read.ms,
    roundTripMs: (await rate(() => store.query('gate', selectOne))).ms,
  };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

async function measureEmbedded(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const store = await openEmbeddedStore({ folder, migrationsFolder });
  try {
    return await measure(store);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureServer(): Promise<object> {
  const schema = freshSchema();
  const connectionString = postgresUrl;
  const store = await openServerStore({ connectionString, schema, migrationsFolder, poolSize: 4 });
  try {
    return await measure(store);
  } finally {
    await store.close();
    await dropSchema(schema);
  }
}

const embedded = await measureEmbedded();
const server = (await hasService('postgres')) ? await measureServer() : null;
console.log(JSON.stringify({ batchSize, seconds, embedded, server }, null, 2));
