// Holds the audience benchmark to the hub: what it puts into the tables is what resolve makes of the
// same records, its hand-written SQL finds the members that the hub finds, and it runs.
import { describe, expect, it } from 'vitest';
import { dynamicStatement } from '../../core/src/store/store.ts';
import type { Store } from '../../core/src/store/store.ts';
import { createLine } from '../support/line.ts';
import { eachStore } from '../support/stores.ts';
import { computeAll, countPlainly } from './audience/compute-all.ts';
import { fillStore } from './audience/fill-store.ts';
import { measure } from './audience/measure.ts';
import { readOptions } from './audience/options.ts';
import { now, shopperAt } from './audience/shop.ts';
import { silent } from './progress.ts';

const size = { profiles: 40, events: 800 };

function ask<Row extends object>(store: Store, text: string): Promise<Row[]> {
  return store.query<Row>('background', dynamicStatement('test.ask', text));
}

/** Everything that the benchmark fills, with identifiers by value instead of by number. */
const tables: Readonly<Record<string, string>> = {
  identifier: `SELECT i.namespace, i.value, i.kind, i.hash, i.latent_id, i.first_at, i.last_at, i.profile_id,
      c.value AS component FROM identifier i JOIN identifier c ON c.id = i.component ORDER BY i.hash`,
  evidence: `SELECT l.value AS one, r.value AS other, e.trust, e.probability, e.at, e.source,
      e.message_hash, e.number, e.left_keeps, e.right_keeps, e.rejected_by
    FROM evidence e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id ORDER BY 8`,
  login: `SELECT d.value AS device, p.value AS person, l.at, l.trust, l.source, l.message_hash, l.number
    FROM login l JOIN identifier d ON d.id = l.device_id JOIN identifier p ON p.id = l.person_id ORDER BY 1`,
  device_span: `SELECT d.value AS device, p.value AS person, s.from_at, s.to_at
    FROM device_span s JOIN identifier d ON d.id = s.device_id JOIN identifier p ON p.id = s.person_id ORDER BY 1`,
  subject_state: `SELECT i.value, s.traits FROM subject_state s JOIN identifier i ON i.id = s.subject_id ORDER BY 1`,
  profile: 'SELECT id, traits, computed FROM profile ORDER BY id',
  // Message ids of events are made up, so their hashes differ.
  fact: `SELECT i.value, f.type, f.name, f.at, f.number, f.source, f.properties
    FROM fact f JOIN identifier i ON i.id = f.subject_id ORDER BY f.number`,
};

interface FactRow {
  namespace: string;
  value: string;
  type: string;
  name: string;
  at: number;
  properties: object;
}

/** The records that a source would have sent for what is in the store. */
async function recordsOf(store: Store): Promise<object[]> {
  const facts = await ask<FactRow>(
    store,
    `SELECT i.namespace, i.value, f.type, f.name, f.at, f.properties
     FROM fact f JOIN identifier i ON i.id = f.subject_id ORDER BY f.number`,
  );
  const identifies = Array.from({ length: size.profiles }, (_, at) => {
    const { place, userId, email, anonymousId, identifiedAt, traits } = shopperAt(at + 1, size);
    const device =
      anonymousId === undefined ? [] : [{ namespace: 'anonymous_id', value: anonymousId }];
    return {
      type: 'identify',
      identifiers: [
        { namespace: 'user_id', value: userId },
        { namespace: 'email', value: email },
        ...device,
      ],
      messageId: `identify-${place}`,
      timestamp: identifiedAt,
      traits,
    };
  });
  const events = facts.map(({ namespace, value, type, name, at, properties }, index) => ({
    type,
    identifiers: [{ namespace, value }],
    ...(type === 'track' ? { event: name } : { name }),
    messageId: `event-${index}`,
    timestamp: at,
    properties,
  }));
  return [...identifies, ...events];
}

eachStore('the shop of the audience benchmark', (open) => {
  it('is what resolve would have left', async () => {
    const [filled, walked] = [await open(), await open()];
    await fillStore(filled, size, silent);
    const line = await createLine(walked, { now });
    await line.accept('web', await recordsOf(filled));
    await line.resolve();
    for (const text of Object.values(tables)) {
      expect(await ask(filled, text)).toEqual(await ask(walked, text));
    }
  });

  it('has the members that hand-written SQL finds', async () => {
    const store = await open();
    await fillStore(store, size, silent);
    const { sizes } = await computeAll(store, size, silent);
    const plain = await countPlainly(store, silent);
    expect(Object.fromEntries([...plain.sizes].filter(([, count]) => count > 0))).toEqual(
      Object.fromEntries(sizes),
    );
    expect(sizes.size).toBeGreaterThan(15);
  });
});

describe('the audience benchmark', () => {
  it('runs', async () => {
    const options = readOptions(
      '--profiles 40 --events 800 --audiences 10 --updates 50 --rate 50 --rate-seconds 1'.split(
        ' ',
      ),
    );
    expect(await measure('embedded', options, silent)).toMatchObject({
      full: { differing: [] },
      arriving: { events: 50, steady: { events: 50 } },
    });
  });
});
