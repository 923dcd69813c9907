// Who is left out at a start: whoever hung, until it is other code or is let run again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { readHangNote, writeHangNote } from './hang-note.ts';
import { readLeftOut } from './left-out.ts';

const prints = { shop: 'a@1.0.0', crm: 'b@1.0.0' };
const note = {
  instance: 'shop',
  at: '2026-01-01T00:00:00.000Z',
  place: 'a.js:7',
  print: 'a@1.0.0',
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-hang-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

eachStore('left out', (open) => {
  const clean = withCleanStore(open);

  test('is who hung, in this start and the next, with place and remedy', async () => {
    const store = await clean();
    await writeHangNote({ kind: 'embedded', folder }, note);
    for (const at of [folder, undefined]) {
      const found = await readLeftOut(store, { folder: at, release: [], prints });
      expect([...found.keys()]).toEqual(['shop']);
      expect(found.get('shop')?.message).toContain('a.js:7 at 2026-01-01T00:00:00.000Z');
      expect(found.get('shop')?.hint).toContain('tributary start --release shop');
    }
    expect(readHangNote(folder)).toBeUndefined();
  });

  test.each([
    { title: 'whose code has changed', release: [], now: { ...prints, shop: 'a@1.0.1' } },
    { title: 'whom somebody lets run again', release: ['shop'], now: prints },
    { title: 'who is in config no more', release: [], now: { crm: 'b@1.0.0' } },
  ])('is not who $title, for good', async ({ release, now }) => {
    const store = await clean();
    await writeHangNote({ kind: 'embedded', folder }, note);
    const found = await readLeftOut(store, { folder, release, prints: now });
    expect(found.size).toBe(0);
    expect((await readLeftOut(store, { folder, release: [], prints })).size).toBe(0);
  });
});

test('a note that was cut is none', async () => {
  await writeFile(join(folder, 'plugin-hung.json'), '{"instance":"sh');
  expect(readHangNote(folder)).toBeUndefined();
});
