// A hub process takes up twenty configs while records keep coming: no request fails, no event is lost or
// taken twice, and what is wrong with a config never ends the hub.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../../core/src/cli/main.ts';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { isAtRest } from '../../support/hub-client.ts';
import { createHubProcess, type HubProcess } from '../../support/hub-process.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  createPerson,
  decide,
  environment,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
} from '../delivery/shop.ts';

let fake: SendgridFake;
let hub: HubProcess;
const slowMachine = { timeout: 240_000 };

beforeAll(async () => {
  fake = await startSendgridFake({ apiKey: sendgridKey });
  for (const list of ['Readers', 'Buyers', 'Everybody']) fake.addList(list);
  hub = await createHubProcess({ config: shop(0), environment, writeKey, logLevel: 'info' });
  await hub.start();
}, 180_000);
afterAll(async () => {
  await hub.dispose();
  await fake.close();
});

const readers = { title: 'Readers', rule: { trait: 'newsletter', is: true } };
const sync = { audience: 'readers', list: 'Readers', traits: { first_name: 'first_name' } };

/** By its number a config edits rules, adds and drops a list, and has plugins opened anew. */
function shop(number: number): string {
  const everybody = { title: 'Everybody', rule: { has: 'email' } };
  const [isEven, isThird] = [number % 2 === 0, number % 3 === 0];
  const document: unknown = JSON.parse(
    shopConfig({
      sendgridUrl: fake.url,
      audiences: {
        readers: isThird ? { ...readers, rule: { all: [readers.rule] } } : readers,
        ...(isEven ? {} : { everybody }),
      },
      destination: {
        audiences: isEven ? [sync] : [sync, { audience: 'everybody', list: 'Everybody' }],
        limits: { timeout: '1s', pollAfter: '1s', batchRecords: isThird ? 20 : 50 },
      },
    }),
  );
  const label = `opened for ${Math.floor(number / 4)}`;
  return JSON.stringify(document).replace('"label":"test"', `"label":"${label}"`);
}

async function takeUp(number: number): Promise<void> {
  await hub.configure(shop(number));
  const said = hub.output().length;
  // By signal and by API in turns.
  if (number % 2 === 1) process.kill(hub.pid, 'SIGHUP');
  else await hub.call('POST', '/apply', {});
  if (number % 2 === 1) {
    await waitUntil(() => hub.output().slice(said).includes('The config was taken up.'), {
      what: `config ${number} to be taken up`,
      describe: () => hub.output().slice(said),
    });
  }
}

test('goes on taking records while it takes up twenty configs', slowMachine, async () => {
  const people = Array.from({ length: 40 }, (_, place) => createPerson(place));
  let sent = 0;
  let isOver = false;
  const failures: unknown[] = [];
  const send = async (lane: number): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) {
      const person = people[(lane + turn * 2) % people.length];
      if (!person) return;
      const records = turn < 20 ? [subscribe(person, true), decide(person, true)] : [];
      const events = [subscribe(person, true), ...records];
      const status = await hub.trySend(events);
      if (status === 200) sent += events.length;
      else failures.push(status);
    }
  };
  const lanes = [0, 1].map(send);
  for (let number = 1; number <= 20; number += 1) await takeUp(number);
  isOver = true;
  await Promise.all(lanes);
  expect(failures).toEqual([]);

  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  const accepted = /^tributary_records_total\{source="web",result="accepted"\} (\d+)/m.exec(
    metrics,
  );
  expect(Number(accepted?.[1])).toBe(sent);
  expect(metrics).not.toMatch(/result="quarantined"\} [1-9]/);
  const addresses = people.map(({ email }) => email).toSorted();
  await waitUntil(
    async () =>
      JSON.stringify(fake.members('Readers')) === JSON.stringify(addresses) &&
      isAtRest(await hub.destination('mail')),
    { what: 'everybody to be on the list', describe: () => fake.members('Readers') },
  );
  expect(fake.members('Everybody')).toEqual([]);
  expect(await hub.call('POST', '/audit/verify')).toMatchObject({ intact: true });
});

test.each([
  ['is no YAML', 'hub: {', 'CONFIG_SYNTAX'],
  [
    'names what is not there',
    '{"tributary":1,"hub":{"name":"x"},"destinations":[]}',
    'CONFIG_VALUE_INVALID',
  ],
])('runs on where the config %s', slowMachine, async (_title, text, code) => {
  await hub.configure(text);
  const said = hub.output().length;
  process.kill(hub.pid, 'SIGHUP');
  await waitUntil(() => hub.output().slice(said).includes('the hub runs on'), {
    what: 'the problems to be told',
    describe: () => hub.output().slice(said),
  });
  expect(hub.output().slice(said)).toContain(code);
  await expect(hub.call('POST', '/apply', {})).rejects.toThrow(
    new RegExp(`answered 422: .*CONFIG_INVALID.*${code}`),
  );
  expect(await hub.trySend([subscribe(createPerson(99), false)])).toBe(200);
});

test('is planned and applied from the command line', slowMachine, async () => {
  await hub.configure(shop(20));
  const said: string[] = [];
  const tributary = (...argv: string[]): Promise<number> =>
    main(argv, {
      out: (words) => void said.push(words),
      err: (words) => void said.push(words),
      env: { TRIBUTARY_URL: hub.url, TRIBUTARY_KEY: hub.adminKey },
      now: () => Date.now(),
      lines: () => Promise.resolve(['yes']),
    });
  expect(await tributary('plan', '--exit-code')).toBe(0);
  expect(said.splice(0)).toEqual(['Nothing would change: the hub goes by this config.']);

  await hub.configure(shop(21));
  expect(await tributary('plan', '--exit-code')).toBe(9);
  expect(said.splice(0).join('\n')).toMatch(
    /destinations {2}~ mail\n.*everybody[^]*Everybody .*\+40[^]*newly leaving .*list Everybody/,
  );
  expect(await tributary('apply')).toBe(0);
  expect(said.at(-1)).toBe('Applied.');
  await waitUntil(() => fake.members('Everybody').length === 40, { what: 'them to be told' });
  expect(await tributary('apply')).toBe(0);
  expect(said.at(-1)).toBe('Nothing would change: the hub goes by this config.');
});
