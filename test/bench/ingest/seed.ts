// Fills a new store with people as if each had identified herself a month ago: what the hub would have
// made of it is written straight into its tables, since a million people through the door take long.
import { loadConfig } from '../../../core/src/config/load-config.ts';
import { createConfigWorld } from '../../../core/src/config/world.ts';
import { stateOf, valuesOfState } from '../../../core/src/profile/fold-traits.ts';
import { createDeploymentKeys } from '../../../core/src/standardise/keys.ts';
import type { StandardRecord } from '../../../core/src/standardise/standard-record.ts';
import { standardise } from '../../../core/src/standardise/standardise.ts';
import { dynamicStatement, isoTime, statement, type Store } from '../../../core/src/store/store.ts';
import { createRandom } from '../../support/random.ts';
import { deploymentKey } from './config.ts';
import { openPlace, type Place } from './place.ts';
import { deviceOf, traitsOf, userIdOf } from './traffic.ts';

const slice = 2_000;
const month = 30 * 86_400_000;

const insertPeople = statement(
  'seed.people',
  `WITH person AS (
     SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
       $7::text[], $8::text[], $9::jsonb[], $10::jsonb[], $11::uuid[], $12::uuid[])
     AS p(place, user_hash, email_hash, device_hash, profile_id, user_id, email, device, state, traits,
       email_latent, device_latent)
   ), identifiers AS (
     INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at,
       component, profile_id)
     OVERRIDING SYSTEM VALUE
     SELECT 3 * place + 1, user_hash, profile_id, 'user_id', 'person', user_id, $13::timestamptz,
       $13::timestamptz, 3 * place + 1, profile_id FROM person
     UNION ALL
     SELECT 3 * place + 2, email_hash, email_latent, 'email', 'person', email, $13, $13,
       3 * place + 1, profile_id FROM person
     UNION ALL
     SELECT 3 * place + 3, device_hash, device_latent, 'anonymous_id', 'device', device, $13, $13,
       3 * place + 3, NULL FROM person
   ), pairs AS (
     INSERT INTO evidence (left_id, right_id, trust, at, source, message_hash, number)
     SELECT 3 * place + 1, 3 * place + 2, 1, $13, 'shop', user_hash, 0 FROM person
   ), logins AS (
     INSERT INTO login (device_id, at, person_id, trust, source, message_hash, number)
     SELECT 3 * place + 3, $13, 3 * place + 1, 1, 'shop', user_hash, 0 FROM person
   ), spans AS (
     INSERT INTO device_span (device_id, from_at, to_at, person_id)
     SELECT 3 * place + 3, '-infinity', 'infinity', 3 * place + 1 FROM person
   ), states AS (
     INSERT INTO subject_state (subject_id, traits) SELECT 3 * place + 1, state FROM person
   ), facts AS (
     INSERT INTO fact (subject_id, type, name, at, number, message_hash, source, properties)
     SELECT 3 * place + 1, 'track', 'Product Viewed', $13::timestamptz + n * interval '1 day', 0,
       user_hash, 'shop', '{"product_id": "p-1", "price": 10}'
     FROM person, generate_series(1, 3) n
   )
   INSERT INTO profile (id, traits, computed, changed) SELECT profile_id, traits, '{}', 0 FROM person`,
);

/** People 0 … count − 1. */
export async function seedPeople(place: Place, configFile: string, count: number): Promise<void> {
  const { config } = await loadConfig(configFile, createConfigWorld({}));
  const keys = createDeploymentKeys(deploymentKey);
  const at = Date.now() - month;
  const random = createRandom(1);
  const store = await openPlace(place);
  try {
    for (let first = 0; first < count; first += slice) {
      const size = Math.min(slice, count - first);
      const rows = Array.from({ length: size }, (_, offset) => {
        const person = first + offset;
        const header = { number: 0, source: 'shop', messageHash: keys.latentId(`${person}`) };
        const times = { receivedAt: at, at, historical: true };
        const identifiers = [
          { namespace: 'user_id', value: userIdOf(person) },
          { namespace: 'anonymous_id', value: deviceOf(person) },
        ];
        const traits = JSON.parse(JSON.stringify(traitsOf(person, random)));
        const said = { type: 'identify' as const, identifiers, traits };
        const standard = standardise({ ...header, ...times }, said, config, keys);
        if ('problem' in standard) throw new Error(standard.problem.message);
        const state = stateOf(standard.record.traits, standard.record, config.profile);
        const values = valuesOfState(state, config.profile);
        const texts = [state, values].map((value) => JSON.stringify(value));
        return [person, ...columnsOf(standard.record, keys), ...texts];
      });
      await insert(store, rows, keys, at);
    }
    const next = 3 * count + 1;
    await run(store, `SELECT setval(pg_get_serial_sequence('identifier', 'id'), ${next}, false)`);
    for (const table of ['identifier', 'evidence', 'login', 'device_span', 'fact', 'profile']) {
      await run(store, `ANALYZE ${table}`);
    }
    await run(store, 'CHECKPOINT');
  } finally {
    await store.close();
  }
}

type Keys = ReturnType<typeof createDeploymentKeys>;

/** Hashes, profile id, values: of user id, address and device. */
function columnsOf({ identifiers }: StandardRecord, keys: Keys): string[] {
  const [user, email, device] = identifiers;
  if (!user || !email || !device) throw new Error('a seeded person has three identifiers');
  const hashes = [user.hash, email.hash, device.hash];
  return [...hashes, keys.latentId(user.hash), user.value, email.value, device.value];
}

async function insert(
  store: Store,
  rows: readonly (readonly (string | number)[])[],
  keys: Keys,
  at: number,
): Promise<void> {
  const column = (place: number): unknown[] => rows.map((row) => row[place]);
  const latent = (place: number): unknown[] => rows.map((row) => keys.latentId(`${row[place]}`));
  const columns = Array.from({ length: 10 }, (_, place) => column(place));
  await store.query('background', insertPeople, [...columns, latent(2), latent(3), isoTime(at)]);
}

async function run(store: Store, text: string): Promise<void> {
  await store.query('background', dynamicStatement('seed', text));
}
