// However a config bounds what sources may send, whoever asks to be erased is erased, or is told that she
// is not.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testBounds, testKeys, testSettings } from '../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { createIntake } from '../intake/intake.ts';
import type { IntakeBounds } from '../intake/settings.ts';
import { internalSource } from '../sources/internal-source.ts';
import { dynamicStatement, type Store } from '../store/store.ts';

const now = Date.UTC(2026, 5, 1);
const ofHer = (place: number) => ({ namespace: 'email', value: `ada-${place}@shop.example` });
const selectTraces = dynamicStatement(
  'test.traces',
  `SELECT 'identifier' AS place FROM identifier
   UNION ALL SELECT 'event' FROM event WHERE strpos(encode(payload, 'escape'), 'ada-') > 0
   UNION ALL SELECT 'quarantine' FROM quarantine`,
);
const selectRequests = dynamicStatement(
  'test.requests',
  'SELECT state, identifiers FROM privacy_request',
);

eachStore('an erasure under narrow bounds', (open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => emptyStore(store));

  /** Somebody with so many addresses. */
  async function lineWith(count: number, bounds: Partial<IntakeBounds>): Promise<Line> {
    const sources = new Map([...testSettings().sources, [internalSource.id, internalSource]]);
    const settings = testSettings({ sources });
    const intake = createIntake({
      store,
      bounds: { ...testBounds, ...bounds },
      settings,
      keys: testKeys,
      onCommitted: async () => undefined,
    });
    const line = await createLine(store, { now, settings, intake });
    const records = Array.from({ length: count }, (_, place) => ({
      type: 'consent',
      messageId: `of-${place}`,
      identifiers: [ofHer(0), ...(place === 0 ? [] : [ofHer(place)])],
      consents: [{ purpose: 'ads', status: 'granted' }],
    }));
    await line.accept('web', records);
    await line.resolve();
    line.time.now += 1_000;
    return line;
  }

  it.each([
    ['all of them in one record too many', 12, { maxIdentifiers: 10 }],
    ['those of the first record too many', 25, { maxIdentifiers: 10 }],
    ['more bytes than a record may have', 2, { maxIdentifiers: 2, maxRecordBytes: 210 }],
  ])('reaches all identifiers: %s', async (_title, count, bounds) => {
    const line = await lineWith(count, bounds);
    const privacy = privacyOver(store, line);
    const asked = await privacy.erase({ identifiers: [ofHer(0)] }, 'officer');
    expect(asked.kind).toBe('asked');
    await line.resolve();
    while (await privacy.step());
    expect(await store.query('background', selectRequests)).toEqual([
      { state: 'done', identifiers: count },
    ]);
    expect(await store.query('background', selectTraces)).toEqual([]);
  });

  it('is refused aloud where intake would not take it', async () => {
    const line = await lineWith(2, {});
    // A config without her namespace, that resolve has not taken up yet.
    const { identity } = line.room.settings;
    const namespaces = new Map([...identity.namespaces].filter(([name]) => name !== 'email'));
    line.intake.goBy({
      bounds: testBounds,
      settings: { ...line.room.settings, identity: { namespaces } },
    });
    const privacy = privacyOver(store, line);
    await expect(privacy.erase({ identifiers: [ofHer(0)] }, 'officer')).rejects.toThrow(
      'identifiers',
    );
    expect(await store.query('background', selectRequests)).toEqual([]);
  });
});
