// Every mistake is told with its place and its remedy, all at once, and never with a secret.
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { badConfigs } from './fixtures/bad-configs.ts';
import { loadText, problemsOf, short } from './fixtures/load-text.ts';
import { printProblems } from './print-problems.ts';
import type { ConfigProblem } from './problem.ts';

describe('a bad config', () => {
  test.each(badConfigs)('$title', async ({ text, problems }) => {
    const found = await problemsOf(text, { TOKEN: 'token-from-outside', EMPTY: '' });
    expect(found.filter(({ severity }) => severity === 'error').map(short)).toEqual(problems);
  });

  test('a plugin of the wrong kind and one that is none, with the lines that name them', async () => {
    const found = await problemsOf(
      'tributary: 1\nsources:\n  a: { plugin: mail }\n  b: { plugin: nothing }\n',
    );
    expect(found.map(({ line, code, hint }) => [line, code, hint])).toEqual([
      [3, 'PLUGIN_WRONG_KIND', 'Move the instance to `destinations`.'],
      [4, 'PLUGIN_EXPORT_MISSING', expect.stringContaining('export default')],
    ]);
  });

  test('is printed with the line and a caret below the place', async () => {
    const found = await problemsOf('tributary: 1\nhub:\n  http: { port: 99999 }\n');
    expect(printProblems(found)).toBe(
      [
        'hub.yaml:3:17  CONFIG_VALUE_INVALID  hub.http.port',
        '  3 |   http: { port: 99999 }',
        '    |                 ^^^^^',
        '  Found 99999, expected at most 65535.',
      ].join('\n'),
    );
  });

  test('that is too large is not read', async () => {
    const found = await problemsOf(`# ${'x'.repeat(1_048_576)}\n`);
    expect(found.map(({ code }) => code)).toEqual(['CONFIG_TOO_LARGE']);
  });

  test.each([
    ['lists in lists', '['.repeat(50_000)],
    ['items in items', `a: ${'- '.repeat(5_000)}`],
    ['well-formed nesting', `tributary: ${'['.repeat(200)}${']'.repeat(200)}`],
  ])('nested without end is refused in time: %s', async (_, text) => {
    const started = performance.now();
    const found = await problemsOf(text);
    expect(found.every(({ code }) => code === 'CONFIG_SYNTAX')).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('an alias bomb is refused before it grows', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `  l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`,
    );
    const found = await problemsOf(['tributary: 1', 'a:', '  l0: &l0 [x]', ...levels].join('\n'));
    expect(found.every(({ code }) => code === 'CONFIG_ALIAS_REFUSED')).toBe(true);
  });
});

describe('secrets', () => {
  const inClear = 'SG.in-the-clear-0123456789';
  const byReference = 'SG.from-the-environment-42';

  function textOf(problems: readonly ConfigProblem[]): string {
    return `${printProblems(problems)}\n${JSON.stringify(problems)}`;
  }

  test.each([
    ['under the right key', `{ apiKey: ${inClear}, nope: 1 }`],
    ['under a mistyped key', `{ apiKye: ${inClear} }`],
    ['where a list stands', `{ apiKey: [${inClear}] }`],
    ['as a key’s neighbour on a broken line', `{ apiKey: ${inClear}, }}`],
    ['after a quote that never ends', `{ apiKey: "${inClear} }`],
    ['in what the plugin itself says', `{ apiKey: SG.refused }`],
    ['by reference', '{ apiKey: "x${KEY}", nope: 1 }'],
  ])('are not printed: %s', async (_, settings) => {
    const text = `tributary: 1\ndestinations:\n  mail: { plugin: mail, purposes: [ads], settings: ${settings} }\n`;
    const found = await problemsOf(text, { KEY: byReference });
    const printed = textOf(found);
    expect(printed).not.toContain(inClear);
    expect(printed).not.toContain(byReference);
    expect(printed).not.toContain('SG.refused');
    expect(printed).toContain('hub.yaml:3:');
  });

  test('are not printed where the plugin is not known', async () => {
    const text = `tributary: 1\nsources: { web: { plugin: nothing, settings: { token: ${inClear} } } }\n`;
    expect(textOf(await problemsOf(text))).not.toContain(inClear);
  });

  test('in clear text are warned about, with the place', async () => {
    const loaded = await loadText(
      `tributary: 1\npurposes: { ads: Ads }\ndestinations:\n  mail:\n    plugin: mail\n    purposes: [ads]\n    settings:\n      apiKey: ${inClear}\n`,
    );
    expect(loaded.warnings.map(short)).toEqual([
      '8:15 CONFIG_SECRET_IN_CLEAR found a secret in clear text, expected a reference | Write ${NAME} or ${file:path} and keep the secret outside of the file.',
    ]);
    expect(printProblems(loaded.warnings)).not.toContain(inClear);
    expect(loaded.secrets).toEqual([inClear]);
  });

  test('are remembered: files, variables in settings, passwords of connection strings', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const loaded = await loadText(
      [
        'tributary: 1',
        'hub: { store: { url: "${DATABASE_URL}" }, key: "${file:key.txt}", name: "${NAME}" }',
        'purposes: { ads: Ads }',
        'destinations: { mail: { plugin: mail, purposes: [ads], settings: { apiKey: "${KEY}" } } }',
      ].join('\n'),
      { DATABASE_URL: 'postgres://hub:hunter2!@db/hub', KEY: byReference, NAME: 'production' },
      { [resolve('key.txt')]: `${key}\n` },
    );
    expect(loaded.config.deploymentKey).toBe(key);
    expect(loaded.warnings).toEqual([]);
    expect([...loaded.secrets].sort()).toEqual(
      [byReference, key, 'hunter2!', 'postgres://hub:hunter2!@db/hub'].sort(),
    );
  });
});

describe('a good config', () => {
  test('of ten lines has everything else by default', async () => {
    const { config, warnings } = await loadText('tributary: 1\n');
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      name: 'tributary',
      store: { kind: 'embedded', folder: resolve('data') },
      deploymentKey: undefined,
      http: { host: '127.0.0.1', port: 8080, trustProxy: 0 },
      intake: { maxRecordBytes: 32_768, maxClockCorrectionMs: 365 * 86_400_000 },
      audit: { headsFolder: undefined, headEveryMs: 3_600_000 },
      consent: { gpcDenies: [], regionTrait: 'country' },
      audiences: [],
      file: resolve('hub.yaml'),
    });
    const spaces = [...config.identity.namespaces.values()];
    expect(spaces.map(({ name, kind, priority }) => `${priority} ${kind} ${name}`)).toEqual([
      '0 person user_id',
      '1 person crm_id',
      '2 person email',
      '3 person phone',
      '4 person loyalty_card',
      '5 device anonymous_id',
      '6 device advertising_id',
      '7 device push_token',
    ]);
    expect(config.identity.namespaces.get('user_id')?.limit).toBe(1);
    expect(config.identity.namespaces.get('email')?.blocked.has('n/a')).toBe(true);
  });

  test.each(['99999999h', '1000000d', '100000w'])(
    'refuses %s, beyond which there are no dates',
    async (every) => {
      const text = `tributary: 1\nhub: { audit: { every: ${every} } }`;
      const found = await problemsOf(text);
      expect(found.map(({ message }) => message)).toEqual([
        expect.stringMatching(/expected a duration .* of at most 99999w/),
      ]);
    },
  );

  test('turns durations, sizes and short forms into what the rooms work with', async () => {
    const { config } = await loadText(
      [
        'tributary: 1',
        'hub: { intake: { maxRecordSize: 64 KiB } }',
        'purposes:',
        '  ads: Advertising',
        '  mail: { title: E-mail, regions: { US-CA: { decision: granted, lawfulBasis: opt_out } } }',
        'audiences:',
        '  b: { rule: { audience: a } }',
        '  a: { title: First, rule: { trait: country, is: DE } }',
        'traits: { gender: { categories: { M: male } } }',
        'sources: { web: { plugin: shop, settings: { token: "${T}" }, every: 90s } }',
        'destinations:',
        '  mail:',
        '    plugin: mail',
        '    purposes: [ads, mail]',
        '    audiences: [{ audience: a, list: L, traits: { COUNTRY: country } }]',
        '    actions: [{ action: mail, audience: b, parameters: { template: t }, coolDown: 7d }]',
        '    limits: { batchSize: 1 MiB, timeout: 10s }',
      ].join('\n'),
      { T: 'a-token-of-the-shop' },
    );
    expect(config.intake.maxRecordBytes).toBe(65_536);
    expect(config.audiences.map(({ name, title }) => `${name} ${title}`)).toEqual([
      'a First',
      'b b',
    ]);
    expect(config.sources.get('web')).toMatchObject({
      settings: { token: 'a-token-of-the-shop', region: 'eu' },
      pullEveryMs: 90_000,
      trust: { server: 'authenticated', client: 'declared' },
      historicalAfterMs: 86_400_000,
      enabled: true,
    });
    expect(config.consent.purposes.get('mail')?.regions.get('US-CA')?.decision).toBe('granted');
    expect(config.profile.needed).toEqual(new Set(['country']));
    expect(config.profile.traits.get('gender')?.categories?.get('m')).toBe('male');
    expect(config.destinations.get('mail')).toMatchObject({
      purposes: ['ads', 'mail'],
      contactPoints: 'primary',
      profiles: undefined,
      events: undefined,
      limits: { batchBytes: 1_048_576, timeoutMs: 10_000 },
      guards: { maxRemovedShare: 0.3, maxAddedShare: 3, maxActionsPerHour: 10_000, floor: 50 },
      retry: { baseMs: 1_000, capMs: 300_000, maxAttempts: 20, maxRetryAfterMs: 3_600_000 },
      actions: [{ action: 'mail', parameters: { template: 't' }, coolDownMs: 604_800_000 }],
    });
  });

  test('own namespaces join the built-in ones; `order` says which are stronger', async () => {
    const { config } = await loadText(
      [
        'tributary: 1',
        'identity:',
        '  namespaces: { shop_id: { limit: 2 }, phone: { defaultCountry: DE } }',
        '  order: [shop_id, user_id]',
        '  shared: { email: [" Info@Example.com "], phone: ["030 123456"] }',
        '  blocked: [Dummy]',
      ].join('\n'),
    );
    const { namespaces } = config.identity;
    expect([...namespaces.keys()].slice(0, 4)).toEqual(['shop_id', 'user_id', 'crm_id', 'email']);
    expect(namespaces.get('shop_id')).toMatchObject({ limit: 2, kind: 'person', priority: 0 });
    expect(namespaces.get('phone')).toMatchObject({ normalise: 'phone', contactPoint: true });
    expect([...(namespaces.get('email')?.shared ?? [])]).toEqual(['info@example.com']);
    expect([...(namespaces.get('phone')?.shared ?? [])]).toEqual(['+4930123456']);
    expect(namespaces.get('user_id')?.blocked.has('dummy')).toBe(true);
  });

  test('takes numbers and switches by reference, and leaves $${ alone', async () => {
    const { config } = await loadText(
      [
        'tributary: 1',
        'hub: { http: { port: "${PORT:-9000}", host: "${HOST:-0.0.0.0}" } }',
        'purposes: { ads: "costs $${x}" }',
        'sources: { web: { plugin: shop, enabled: "${ON}", settings: { token: "${T}", pages: "${N}" } } }',
      ].join('\n'),
      { ON: 'false', T: '12345678', N: '7' },
    );
    expect(config.http).toMatchObject({ port: 9000, host: '0.0.0.0' });
    expect(config.consent.purposes.get('ads')?.title).toBe('costs ${x}');
    expect(config.sources.get('web')).toMatchObject({
      enabled: false,
      settings: { token: '12345678', pages: 7 },
    });
  });
});
