// What holds a keyed hash is known to the command that makes them anew, and what may not be done is refused
// with the store left as it was.
import { beforeAll, describe, expect, it } from 'vitest';
import { createLine } from '../../../test/support/line.ts';
import {
  nextTestKey,
  nextTestKeys,
  testKey,
  testKeys,
  testSettings,
} from '../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { laneOf, loneLane } from '../delivery/lane.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import { standardiseStored } from '../standardise/reduced-record.ts';
import type { EventHeader } from '../standardise/standardise.ts';
import { bindKeyToStore } from '../standardise/deployment-key.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { identifierColumns, seenColumn } from './plans.ts';
import { rekey } from './rekey.ts';

/** Uuids and hashes that the deployment key has no part in, or that stay as they left the hub. */
const unkeyed: Readonly<Record<string, readonly string[]>> = {
  'what an event is known by at destinations, and ties are broken by': [
    'event.message_hash',
    'evidence.message_hash',
    'evidence_spare.message_hash',
    'fact.message_hash',
    'login.message_hash',
    'never_same.message_hash',
    'retraction.message_hash',
  ],
  'ids of profiles, known outside': [
    'action.profile_id',
    'audience.computing_after',
    'computed_definition.computing_after',
    'episode.profile_id',
    'handed_out.profile_id',
    'identifier.latent_id',
    'identifier.profile_id',
    'ledger.profile_id',
    'membership.profile_id',
    'plan_state.profile_id',
    'profile.id',
    'retention.place',
  ],
  'hashes of what a vendor knows, without a key': [
    'dead_letter.key_hash',
    'key_holder.key_hash',
    'ledger.key_hash',
  ],
  'hashes of config': [
    'audience.definition_hash',
    'computed_definition.definition_hash',
    'plan_state.settings_hash',
  ],
  'ids of requests, actions and processes': [
    'action.id',
    'api_key.hash',
    'dead_letter.action_id',
    'duty.owner',
    'duty_heard.ask',
    'privacy_request.id',
    'privacy_subject.request_id',
    'privacy_task.request_id',
  ],
  'random references': ['identifier.audit_ref'],
  'hashes of hashes, brought along by hand': ['forward.lane', 'forward_parked.lane'],
};

const selectColumns = dynamicStatement(
  'test.columns',
  `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
     AND (a.atttypid = 'uuid'::regtype OR a.attname LIKE '%hash%') ORDER BY 1`,
);

const selectKept = dynamicStatement(
  'test.kept',
  `SELECT (SELECT array_agg(hash ORDER BY hash) FROM identifier) AS identifiers,
     (SELECT array_agg(hash ORDER BY hash) FROM seen) AS seen,
     (SELECT value FROM setting WHERE name = 'deployment_key') AS key,
     (SELECT count(*) FROM earlier_key) AS earlier`,
);

interface EventRow extends EventHeader {
  keyId: number;
  payload: Uint8Array;
}
const selectEvent = dynamicStatement(
  'test.event',
  `SELECT number, source, message_hash AS "messageHash", received_at AS "receivedAt", at, historical,
     key_id AS "keyId", payload FROM event`,
);
const insertForwards = dynamicStatement(
  'test.insert_forwards',
  `INSERT INTO forward (instance, number, lane, status, planned_at)
   SELECT instance, 1, lane, 'due', now() FROM unnest($1::text[], $2::uuid[]) AS f(instance, lane)`,
);
const selectForwards = dynamicStatement(
  'test.forwards',
  'SELECT instance, lane FROM forward ORDER BY instance',
);
const insertParked = dynamicStatement(
  'test.insert_parked',
  `INSERT INTO forward_parked (instance, lane, number) VALUES ('hook', $1, $2)`,
);
const selectParked = dynamicStatement('test.parked', 'SELECT lane FROM forward_parked');

eachStore('a store that is brought under another key', (open) => {
  let store: Store;
  const settings = testSettings();
  const options = { from: testKey, to: nextTestKey, settings, now: 0 };

  beforeAll(async () => {
    store = await open();
  });

  it('has each hash of a person where it is looked for', async () => {
    const known = [...identifierColumns, seenColumn].map(
      ({ table, column }) => `${table}.${column}`,
    );
    const columns = await store.query<{ name: string }>('background', selectColumns);
    expect(columns.map(({ name }) => name)).toEqual(
      [...known, ...Object.values(unkeyed).flat()].toSorted(),
    );
  });

  describe('in which somebody is known', () => {
    const ada = { namespace: 'email', value: 'ada@shop.example' };

    async function fill(): Promise<void> {
      await emptyStore(store);
      await bindKeyToStore(store, testKey);
      const line = await createLine(store, { now: 1_000 });
      await line.accept('web', [
        { type: 'identify', messageId: 'm1', identifiers: [ada], origin: 'server', traits: {} },
      ]);
      await line.resolve();
    }

    it('is changed once, and then has nothing left to change', async () => {
      await fill();
      expect(await rekey({ ...options, store })).toEqual({
        changed: true,
        hashes: 3,
        earlierKeys: 1,
      });
      expect(await rekey({ ...options, store })).toMatchObject({ changed: false, earlierKeys: 1 });
      const keys = await bindKeyToStore(store, nextTestKey);
      const hash = keys.identifierHash(ada.namespace, ada.value);
      expect(hash).toBe(nextTestKeys.identifierHash(ada.namespace, ada.value));
      expect(await store.query('background', selectKept)).toMatchObject([
        { identifiers: [hash], seen: [keys.seenHash(keys.messageHash('web', 'm1'))] },
      ]);
      await expect(bindKeyToStore(store, testKey)).rejects.toThrow('DEPLOYMENT_KEY_WRONG');
    });

    it('may be changed again, but not back', async () => {
      await fill();
      const third = new Uint8Array(32).fill(9);
      await rekey({ ...options, store });
      await expect(rekey({ ...options, store, from: nextTestKey, to: testKey })).rejects.toThrow(
        'DEPLOYMENT_KEY_USED',
      );
      expect(await rekey({ ...options, store, from: nextTestKey, to: third })).toMatchObject({
        changed: true,
        earlierKeys: 2,
      });
      const keys = await bindKeyToStore(store, third);
      const hash = keys.identifierHash(ada.namespace, ada.value);
      expect(await store.query('background', selectKept)).toMatchObject([{ identifiers: [hash] }]);
      const first = '00000000-0000-4000-8000-000000000001';
      expect(keys.bringForward(first, undefined)).toBe(
        keys.bringForward(
          nextTestKeys.bringForward(first, undefined) ?? '',
          nextTestKeys.fingerprint,
        ),
      );
      expect(keys.bringForward(first, 'of a later key')).toBeUndefined();
    });

    it('keeps what waits for a destination in its visitor’s lane', async () => {
      await fill();
      const [row] = await store.query<EventRow>('background', selectEvent);
      if (row === undefined) throw new Error('no event');
      const laneUnder = (keys: DeploymentKeys): string => {
        const stored = decodePayload({ keyId: row.keyId, bytes: row.payload });
        const result = standardiseStored(row, stored, settings, keys);
        if (result === undefined || !('record' in result)) throw new Error('no record');
        return laneOf(result.record);
      };
      const lone = loneLane(row.number);
      await store.query('background', insertForwards, [
        ['hook', 'again'],
        [laneUnder(testKeys), lone],
      ]);
      await store.query('background', insertParked, [laneUnder(testKeys), row.number]);
      await rekey({ ...options, store });
      expect(await store.query('background', selectForwards)).toEqual([
        { instance: 'again', lane: lone },
        { instance: 'hook', lane: laneUnder(nextTestKeys) },
      ]);
      expect(await store.query('background', selectParked)).toEqual([
        { lane: laneUnder(nextTestKeys) },
      ]);
    });

    it('stays as it is where another key is given, or something fails on the way', async () => {
      await fill();
      const before = await store.query('background', selectKept);
      await expect(rekey({ ...options, store, from: new Uint8Array(32) })).rejects.toThrow(
        'DEPLOYMENT_KEY_WRONG: hub.earlierKey',
      );
      const onProgress = (done: number): void => {
        if (done > 1) throw new Error('the power went');
      };
      await expect(rekey({ ...options, store, onProgress })).rejects.toThrow('the power went');
      expect(await store.query('background', selectKept)).toEqual(before);
    });

    it('is refused where no hub has started on it', async () => {
      await emptyStore(store);
      await expect(rekey({ ...options, store })).rejects.toThrow('REKEY_STORE_EMPTY');
    });
  });
});
