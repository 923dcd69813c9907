// What is said of a person by hand says nothing of who belongs together.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { internalSource } from '../sources/internal-source.ts';
import { dynamicStatement, type Store } from '../store/store.ts';

const now = Date.UTC(2026, 5, 1);
const sources = new Map([...testSettings().sources, [internalSource.id, internalSource]]);
const email = { namespace: 'email', value: 'ada@shop.example' };
const phone = { namespace: 'phone', value: '+14155550100' };

const countProfiles = dynamicStatement('test.profiles', 'SELECT count(*) AS count FROM profile');
const selectTrust = dynamicStatement('test.trust', 'SELECT trust FROM evidence');
const selectDenied = dynamicStatement(
  'test.denied',
  `SELECT i.value FROM consent_entry e JOIN identifier i ON i.id = e.identifier_id
   WHERE e.status = 'denied' AND e.lawful_basis = 'objection' ORDER BY i.value`,
);

eachStore('an objection', (open) => {
  let store: Store;
  let line: Line;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now, settings: { sources } });
  });

  async function object(): Promise<void> {
    line.time.now += 1_000;
    const asked = await privacyOver(store, line).object(
      { identifiers: [email, phone] },
      ['ads'],
      'officer',
    );
    expect(asked.kind).toBe('asked');
    await line.resolve();
    expect(await store.query('background', selectDenied)).toEqual([
      { value: phone.value },
      { value: email.value },
    ]);
  }

  it('joins nobody whom nothing else joins', async () => {
    await line.accept('web', [
      { type: 'identify', messageId: 'a', identifiers: [email], traits: { name: 'Ada' } },
      { type: 'identify', messageId: 'b', identifiers: [phone], traits: { name: 'Bob' } },
    ]);
    await line.resolve();
    await object();
    expect(await store.query('background', selectTrust)).toEqual([]);
    expect(await store.query('background', countProfiles)).toEqual([{ count: 2 }]);
  });

  it('makes no more of a link than it was', async () => {
    await line.accept('web', [
      {
        type: 'identify',
        messageId: 'a',
        identifiers: [email, phone],
        trust: 'inferred',
        probability: 0.9,
        traits: { name: 'Ada' },
      },
    ]);
    await line.resolve();
    const before = await store.query('background', selectTrust);
    await object();
    expect(await store.query('background', selectTrust)).toEqual(before);
  });
});
