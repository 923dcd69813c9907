// The walk of `write-a-destination`, command by command: scaffold, contract suite, switch on, see
// deliveries, break the vendor, find it in the dead letters, mend, replay, see it delivered.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { openGuide, type Guide, type Running } from '../support/guide.ts';
import { waitUntil } from '../support/wait-until.ts';

const walked = new Set<string>();
let guide: Guide;
let sandbox: Running;
let hub: Running;
let environment: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  guide = await openGuide('write-a-destination');
  guide.rewrite('8091', String(await findFreePort()));
});
afterAll(async () => {
  await hub?.stop();
  await sandbox?.stop();
  await guide.dispose();
});

const run = async (title: string): Promise<string> => {
  walked.add(title);
  const { code, said } = await guide.run(title, environment);
  expect({ code, said }).toMatchObject({ code: 0 });
  return said;
};
const start = (title: string): Running => {
  walked.add(title);
  return guide.start(title, environment);
};

test('scaffold: a package that passes its report card at once', async () => {
  await run('pack');
  await run('setup');
  const said = await run('scaffold');
  expect(said).toMatch(/\d+ passed, 0 failed, \d+ skipped\./);
  expect(said).toMatch(/# fail 0|ℹ fail 0/);
}, 180_000);

test('dev: shows what the vendor sees, once more on each save', async () => {
  const dev = start('dev');
  await dev.hear(/(person-3@example\.com {2}delivered)/);
  await dev.hear(/(Waiting for the next save)/);
  const before = dev.said().length;
  await guide.write('src/map.ts', (text) =>
    text.replace("kind: 'delivered'", "kind: 'filtered', reason: 'saved'"),
  );
  await waitUntil(() => dev.said().slice(before).includes('filtered: saved'), {
    what: 'a round after the save',
    describe: dev.said,
  });
  expect(dev.said().slice(before)).toContain('2 with trouble');
  await guide.write('src/map.ts');
  await dev.stop();
}, 120_000);

test('switch on: somebody goes out, and comes back when she says no', async () => {
  await guide.write(
    'hub.yaml',
    (text) =>
      text
        .replace('port: 8090', 'port: 0')
        .replace('name: my-hub', 'name: my-hub\n  store: ./data'),
    '..',
  );
  expect(await run('check')).toContain('is right');
  sandbox = start('serve');
  await sandbox.hear(/listens on (\S+);/);
  hub = start('start');
  const url = await hub.hear(/is listening on (\S+)/);
  const key = await hub.hear(/shown this once: (\S+)/);
  environment = { TRIBUTARY_URL: url, TRIBUTARY_KEY: key };
  guide.rewrite('http://localhost:8090', url);
  await run('send');
  await sandbox.hear(
    /(POST \/lists\/waiting-list\/add \{"members":\[\{"email":"ada@example\.com")/,
  );
  await run('withdraw');
  await sandbox.hear(
    /(POST \/lists\/waiting-list\/remove \{"members":\[\{"email":"ada@example\.com")/,
  );
}, 240_000);

test('break, find, mend, replay', async () => {
  await sandbox.stop();
  sandbox = start('refuse');
  await sandbox.hear(/listens on (\S+);/);
  await run('send-bob');
  await sandbox.hear(/(bob@example\.com)/);
  await waitUntil(async () => (await run('find')).includes('this address bounces'), {
    what: 'the dead letter with the vendor’s words',
  });
  await sandbox.stop();
  sandbox = start('serve');
  await sandbox.hear(/listens on (\S+);/);
  await run('replay');
  await sandbox.hear(/(bob@example\.com[\s\S]*"ok":true)/);
  await waitUntil(async () => !/\bopen\b/.test(await run('find')), { what: 'no open letter' });
  expect(await run('find')).toContain('replayed');
}, 240_000);

test('no step of the guide is left out', () => {
  const steps = guide.blocks.filter(({ language }) => language === 'sh');
  expect(steps.map(({ title }) => title).filter((title) => !walked.has(title))).toEqual([]);
});
