// Puts the shop straight into the tables, as resolve would have left them: a test feeds the same shop
// through the line and compares. The log and what deduplicates it stay empty, since nothing here reads
// them. Events are laid down in the order of their times, so one person's lie far apart, as in life.
import { testKeys, testSettings } from '../../support/settings.ts';
import { stateOf } from '../../../core/src/profile/fold-traits.ts';
import { dynamicStatement, isoTime } from '../../../core/src/store/store.ts';
import type { Store } from '../../../core/src/store/store.ts';
import type { Progress } from '../progress.ts';
import { happenings, now, opening, peoplePerDevice, shareOnDevice, shopperAt } from './shop.ts';
import type { Shopper, ShopSize } from './shop.ts';

const slices = {
  embedded: { events: 5_000, people: 500 },
  server: { events: 200_000, people: 5_000 },
};
const primaryKey = 'PRIMARY KEY (subject_id, type, name, at, number)';

export async function fillStore(store: Store, size: ShopSize, progress: Progress): Promise<void> {
  const run = (text: string, parameters: unknown[] = []) =>
    store.query('background', dynamicStatement('bench.fill', text), parameters);
  const slice = slices[store.kind];
  // A key that is made afterwards is made many times faster.
  if (store.kind === 'server') await run('ALTER TABLE fact DROP CONSTRAINT fact_pkey');
  for (let first = 1; first <= size.events; first += slice.events) {
    const last = Math.min(size.events, first + slice.events - 1);
    await run(insertEvents, [first, last, size.profiles, size.events, ...happeningColumns()]);
    progress('events', last, size.events);
  }
  if (store.kind === 'server') await run(`ALTER TABLE fact ADD ${primaryKey}`);
  for (let first = 1; first <= size.profiles; first += slice.people) {
    const last = Math.min(size.profiles, first + slice.people - 1);
    const people = Array.from({ length: last - first + 1 }, (_, at) => shopperAt(first + at, size));
    await insertPeople(run, people, size);
    progress('people', last, size.profiles);
  }
  await run('UPDATE log_head SET last = $1', [size.profiles + size.events]);
  await run(`UPDATE cursor SET position = $1 WHERE consumer = 'resolve'`, [
    size.profiles + size.events,
  ]);
  await run(`SELECT setval(pg_get_serial_sequence('identifier', 'id'), $1)`, [
    3 * size.profiles + 1,
  ]);
  await run('VACUUM (ANALYZE)');
}

/** Subjects: user ids are numbered from 1, e-mails after them, devices after those. */
const insertEvents = `
  INSERT INTO fact (subject_id, type, name, at, number, message_hash, source, properties)
  SELECT CASE WHEN place % ${peoplePerDevice} = 0 AND on_device < ${shareOnDevice}
      THEN 2 * $3::bigint + place ELSE place END,
    ($6::text[])[kind], ($7::text[])[kind],
    $8::timestamptz + trunc(n * ($9::float8 / $4::bigint)) * interval '1 millisecond', $3::bigint + n,
    md5(n::text)::uuid, 'web',
    CASE
      WHEN ($6::text[])[kind] = 'page' THEN jsonb_build_object('path', '/c/' || (detail * 40)::int)
      WHEN ($7::text[])[kind] = 'Order Completed'
        THEN jsonb_build_object('total', round((5 + detail * 195)::numeric, 2), 'currency', 'EUR')
      WHEN ($7::text[])[kind] LIKE 'Email%'
        THEN jsonb_build_object('campaign', 'c-' || (detail * 20)::int)
      ELSE jsonb_build_object('price', round((1 + detail * 99)::numeric, 2),
        'category', (array['shoes', 'bags', 'hats', 'coats', 'socks', 'belts', 'shirts', 'rings'])[1 + (detail * 1000)::int % 8],
        'product_id', 'p-' || (detail * 5000)::int)
    END
  FROM (
    SELECT n, detail, on_device, 1 + floor($3::bigint * power(who, 1.5))::bigint AS place,
      1 + width_bucket(what, $5::float8[]) AS kind
    FROM (
      SELECT n, ${uniform(1)} AS who, ${uniform(2)} AS what, ${uniform(3)} AS detail,
        ${uniform(4)} AS on_device
      FROM generate_series($1::bigint, $2::bigint) n
    ) chance
  ) drawn`;

/** In [0, 1), by the event's number. */
function uniform(stream: number): string {
  return `((hashint8extended(n, ${stream}) & 16777215)::float8 / 16777216)`;
}

function happeningColumns(): unknown[] {
  let sum = 0;
  const ends = happenings.slice(0, -1).map(({ share }) => (sum += share));
  return [
    ends,
    happenings.map(({ type }) => type),
    happenings.map(({ name }) => name),
    isoTime(opening),
    now - opening,
  ];
}

type Run = (text: string, parameters: unknown[]) => Promise<unknown>;

interface Identifier {
  readonly id: number;
  readonly namespace: string;
  readonly kind: 'person' | 'device';
  readonly value: string;
  readonly component: number;
  readonly profileId: string | null;
  readonly at: number;
}

async function insertPeople(run: Run, people: readonly Shopper[], size: ShopSize): Promise<void> {
  await insertIdentifiers(
    run,
    people.flatMap((shopper) => identifiersOf(shopper, size)),
  );
  const column = (read: (shopper: Shopper) => unknown) => people.map(read);
  const places = column(({ place }) => place);
  const identifiedAt = column((shopper) => isoTime(shopper.identifiedAt));
  const hashes = column(messageHashOf);
  await run(
    `INSERT INTO evidence (left_id, right_id, trust, at, source, message_hash, number)
     SELECT place, $4::bigint + place, 1, at, 'web', hash, place
     FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[]) u(place, at, hash)`,
    [places, identifiedAt, hashes, size.profiles],
  );
  await run(
    `WITH device AS (
       SELECT 2 * $4::bigint + place AS id, place, at, hash
       FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[]) u(place, at, hash)
       WHERE place % ${peoplePerDevice} = 0
     ), spans AS (
       INSERT INTO device_span (device_id, from_at, to_at, person_id)
       SELECT id, '-infinity', 'infinity', place FROM device
     )
     INSERT INTO login (device_id, at, person_id, trust, source, message_hash, number)
     SELECT id, at, place, 1, 'web', hash, place FROM device`,
    [places, identifiedAt, hashes, size.profiles],
  );
  await run(
    `WITH states AS (
       INSERT INTO subject_state (subject_id, traits) SELECT * FROM unnest($1::bigint[], $2::jsonb[])
     )
     INSERT INTO profile (id, traits, computed, changed)
     SELECT id, traits, '{}', 0 FROM unnest($3::uuid[], $4::jsonb[]) u(id, traits)`,
    [
      places,
      column((shopper) => JSON.stringify(traitState(shopper))),
      column(profileIdOf),
      column(({ traits }) => JSON.stringify(traits)),
    ],
  );
}

async function insertIdentifiers(run: Run, rows: readonly Identifier[]): Promise<void> {
  const column = (read: (row: Identifier) => unknown) => rows.map(read);
  const hashes = rows.map(({ namespace, value }) => testKeys.identifierHash(namespace, value));
  await run(
    `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
     OVERRIDING SYSTEM VALUE
     SELECT u.id, u.hash, u.latent, u.namespace, u.kind, u.value, u.at,
       coalesce((SELECT max(f.at) FROM fact f WHERE f.subject_id = u.id), u.at), u.component, u.profile
     FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
       $7::timestamptz[], $8::bigint[], $9::uuid[])
       u(id, hash, latent, namespace, kind, value, at, component, profile)`,
    [
      column(({ id }) => id),
      hashes,
      hashes.map(testKeys.latentId),
      column(({ namespace }) => namespace),
      column(({ kind }) => kind),
      column(({ value }) => value),
      column(({ at }) => isoTime(at)),
      column(({ component }) => component),
      column(({ profileId }) => profileId),
    ],
  );
}

function identifiersOf(shopper: Shopper, { profiles }: ShopSize): Identifier[] {
  const { place, userId, email, anonymousId, identifiedAt: at } = shopper;
  const person = { kind: 'person', component: place, profileId: profileIdOf(shopper), at } as const;
  const persons: Identifier[] = [
    { id: place, namespace: 'user_id', value: userId, ...person },
    { id: profiles + place, namespace: 'email', value: email, ...person },
  ];
  if (anonymousId === undefined) return persons;
  const id = 2 * profiles + place;
  const device = { kind: 'device', component: id, profileId: null, at } as const;
  return [...persons, { id, namespace: 'anonymous_id', value: anonymousId, ...device }];
}

function profileIdOf({ userId }: Shopper): string {
  return testKeys.latentId(testKeys.identifierHash('user_id', userId));
}

/** As intake does for a message id of this form. */
function messageHashOf({ place }: Shopper): string {
  return testKeys.messageHash('web', `identify-${place}`);
}

const { profile: profileSettings } = testSettings();

function traitState(shopper: Shopper): unknown {
  const { traits, identifiedAt: at, place: number } = shopper;
  const from = { at, messageHash: messageHashOf(shopper), source: 'web', number };
  return stateOf(traits, from, profileSettings);
}

/** A schema that was kept is used again where it holds the same shop. */
export async function isFilled(store: Store, { profiles, events }: ShopSize): Promise<boolean> {
  const text =
    'SELECT (SELECT last FROM log_head) AS last, (SELECT count(*) FROM profile) AS people';
  const [row] = await store.query<{ last: number; people: number }>(
    'background',
    dynamicStatement('bench.filled', text),
  );
  return row !== undefined && row.people >= profiles && row.last >= profiles + events;
}
