// People, memberships and consents written straight into the hub's tables, for tests of what comes
// after resolve. Every change gets a number, as resolve would give it.
import { createHash } from 'node:crypto';
import { dynamicStatement, isoTime } from '../../core/src/store/store.ts';
import type { Store } from '../../core/src/store/store.ts';
import type { JsonObject } from '@tributary/sdk';

export function uuidFor(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

export interface People {
  /** Runs one statement of the test's own. */
  run<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** A profile with a user id and e-mail addresses; who was erased is back. */
  person(name: string, emails?: readonly string[], traits?: JsonObject): Promise<void>;
  /** An address of nobody in particular that these people named. */
  sharedEmail(address: string, names: readonly string[]): Promise<void>;
  member(audience: string, name: string, since: number, cause?: string): Promise<void>;
  leave(audience: string, name: string): Promise<void>;
  traits(name: string, traits: JsonObject): Promise<void>;
  consent(
    identifier: string,
    status: 'granted' | 'denied',
    at: number,
    expiresAt?: number,
  ): Promise<void>;
  stop(identifier: string, at: number): Promise<string>;
  /** Stops become consent entries. */
  resolveStops(at: number): Promise<void>;
  /** The second person's identifiers become the first's. */
  merge(into: string, from: string): Promise<void>;
  erase(name: string, emails: readonly string[], at: number): Promise<void>;
  touch(names: readonly string[]): Promise<void>;
  idOf(identifier: string): Promise<number>;
}

export const profileOf = (name: string): string => uuidFor(`profile ${name}`);
export const hashOf = (identifier: string): string => uuidFor(`identifier ${identifier}`);

/** `u:name` is a user id, everything else an e-mail address. */
const namespaceOf = (identifier: string): string =>
  identifier.startsWith('u:') ? 'user_id' : 'email';

export function createPeople(store: Store, purpose: string): People {
  let number = 0;
  const run = async <Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> => store.query<Row>('resolve', dynamicStatement('test', text), parameters);

  const identifier = (value: string, profile: string | null, kind = 'person'): Promise<unknown> =>
    run(
      `INSERT INTO identifier (hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
       SELECT $1, $2, $3, $4, $5, '2024-01-01', coalesce(
         (SELECT at + interval '1 second' FROM erasure WHERE identifier_hash = $1), '2024-01-01'),
         0, $6
       ON CONFLICT DO NOTHING`,
      [hashOf(value), uuidFor(`latent ${value}`), namespaceOf(value), kind, value, profile],
    );
  const touchProfiles = (where: string, parameters: readonly unknown[]): Promise<unknown> =>
    run(
      `WITH head AS (UPDATE change_head SET last = last + 1 RETURNING last)
       UPDATE profile SET changed = head.last FROM head WHERE ${where}`,
      parameters,
    );
  const touchHolders = (value: string): Promise<unknown> =>
    touchProfiles(
      `id IN (SELECT ps.profile_id FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
              WHERE i.hash = $1
              UNION SELECT ps.profile_id FROM contact c JOIN identifier i ON i.id = c.identifier_id
              JOIN profile_subject ps ON ps.subject_id = c.subject_id WHERE i.hash = $1)`,
      [hashOf(value)],
    );
  const entry = async (
    value: string,
    status: string,
    at: number,
    expiresAt?: number,
  ): Promise<void> => {
    number += 1;
    await run(
      `INSERT INTO consent_entry (identifier_id, purpose, channel, effective_at, number, place, status,
         trust, own_device_only, lawful_basis, source, recorded_at, expires_at)
       SELECT id, $2, '*', $3::timestamptz, $4, 0, $5, 1, false, 'consent', 'test', $3::timestamptz, $6::timestamptz
       FROM identifier WHERE hash = $1`,
      [
        hashOf(value),
        purpose,
        isoTime(at),
        number,
        status,
        expiresAt === undefined ? null : isoTime(expiresAt),
      ],
    );
  };

  const people: People = {
    run,
    async person(name, emails = [], traits = {}) {
      await run(
        `INSERT INTO profile (id, traits, computed, changed)
         VALUES ($1, $2::jsonb, '{}', 0) ON CONFLICT DO NOTHING`,
        [profileOf(name), JSON.stringify(traits)],
      );
      for (const value of [`u:${name}`, ...emails]) await identifier(value, profileOf(name));
      await people.touch([name]);
    },
    async sharedEmail(address, names) {
      await identifier(address, null, 'contact');
      await run(
        `INSERT INTO contact (identifier_id, subject_id, at)
         SELECT c.id, s.id, '2024-01-01' FROM identifier c, identifier s
         WHERE c.hash = $1 AND s.hash = ANY($2::uuid[]) ON CONFLICT DO NOTHING`,
        [hashOf(address), names.map((name) => hashOf(`u:${name}`))],
      );
      await people.touch(names);
    },
    async member(audience, name, since, cause = 'live') {
      await run(
        `INSERT INTO membership (audience, profile_id, since, cause, changed)
         VALUES ($1, $2, $3::timestamptz, $4, 0) ON CONFLICT DO NOTHING`,
        [audience, profileOf(name), isoTime(since), cause],
      );
      await people.touch([name]);
    },
    async leave(audience, name) {
      await run('DELETE FROM membership WHERE audience = $1 AND profile_id = $2', [
        audience,
        profileOf(name),
      ]);
      await people.touch([name]);
    },
    async traits(name, traits) {
      await run('UPDATE profile SET traits = $2::jsonb WHERE id = $1', [
        profileOf(name),
        JSON.stringify(traits),
      ]);
      await people.touch([name]);
    },
    async consent(value, status, at, expiresAt) {
      await entry(value, status, at, expiresAt);
      await touchHolders(value);
    },
    async stop(value, at) {
      // Counted in the store: a hub that was started again counts on.
      await run(
        `INSERT INTO stop (identifier_hash, purpose, channel, number, at)
         SELECT $1, $2, '*', coalesce(max(number), 0) + 1, $3::timestamptz FROM stop`,
        [hashOf(value), purpose, isoTime(at)],
      );
      return hashOf(value);
    },
    async resolveStops(at) {
      const rows = await run<{ value: string }>(
        'SELECT DISTINCT i.value FROM stop s JOIN identifier i ON i.hash = s.identifier_hash',
      );
      for (const { value } of rows) {
        await entry(value, 'withdrawn', at);
        await touchHolders(value);
      }
      await run('DELETE FROM stop');
    },
    async merge(into, from) {
      await run('UPDATE identifier SET profile_id = $1 WHERE profile_id = $2', [
        profileOf(into),
        profileOf(from),
      ]);
      await run(
        `INSERT INTO membership (audience, profile_id, since, cause, changed)
         SELECT audience, $1, since, cause, changed FROM membership WHERE profile_id = $2
         ON CONFLICT (audience, profile_id) DO UPDATE SET since = least(membership.since, EXCLUDED.since)`,
        [profileOf(into), profileOf(from)],
      );
      await run('DELETE FROM membership WHERE profile_id = $1', [profileOf(from)]);
      await run('DELETE FROM profile WHERE id = $1', [profileOf(from)]);
      await people.touch([into]);
    },
    async erase(name, emails, at) {
      const values = [`u:${name}`, ...emails];
      const hashes = values.map(hashOf);
      await run(
        `DELETE FROM contact WHERE subject_id IN (SELECT id FROM identifier WHERE hash = ANY($1::uuid[]))`,
        [hashes],
      );
      await run('DELETE FROM identifier WHERE hash = ANY($1::uuid[])', [hashes]);
      await run(
        `DELETE FROM profile p WHERE id = $1
         AND NOT EXISTS (SELECT FROM identifier i WHERE i.profile_id = p.id)`,
        [profileOf(name)],
      );
      await run(
        `DELETE FROM membership m WHERE NOT EXISTS (SELECT FROM profile p WHERE p.id = m.profile_id)`,
      );
      await run(
        `INSERT INTO erasure (identifier_hash, at, number)
         SELECT h, $2::timestamptz, (SELECT coalesce(max(number), 0) + 1 FROM erasure)
         FROM unnest($1::uuid[]) h
         ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number`,
        [hashes, isoTime(at)],
      );
      await people.touch([name]);
    },
    async touch(names) {
      await touchProfiles('id = ANY($1::uuid[])', [names.map(profileOf)]);
    },
    async idOf(value) {
      const [row] = await run<{ id: number }>('SELECT id FROM identifier WHERE hash = $1', [
        hashOf(value),
      ]);
      return row?.id ?? 0;
    },
  };
  return people;
}
