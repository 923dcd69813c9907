// What an admin can get wrong, told before a message comes in.
import { validateSettings as judge } from '@tributary/sdk/testing';
import { expect, it } from 'vitest';
import { exampleMapping, exampleSecret } from './examples.ts';
import { findExpressionProblem } from './expression.ts';
import { presets } from './presets.ts';
import { settingsSchema, type Settings } from './settings.ts';
import { validateSettings } from './validate.ts';

const secrets = ['a-secret-of-the-tests'];
const settings = (change: object): Settings => {
  const verdict = judge(settingsSchema, {
    verify: { preset: 'github', secrets },
    mapping: exampleMapping,
    ...change,
  });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.problems));
  return verdict.settings as Settings;
};
const hmac = (scheme: object): object => ({
  verify: { hmac: { header: 'x', ...scheme }, secrets },
});

const cases = [
  { what: 'all that is needed', change: {}, paths: [] },
  { what: 'no way to verify', change: { verify: {} }, paths: ['/verify'] },
  {
    what: 'two ways',
    change: { verify: { preset: 'github', secrets, bearer: { tokens: secrets } } },
    paths: ['/verify'],
  },
  { what: 'no secret', change: { verify: { preset: 'github' } }, paths: ['/verify/secrets'] },
  {
    what: 'secrets for a token',
    change: { verify: { bearer: { tokens: secrets }, secrets } },
    paths: ['/verify/secrets'],
  },
  {
    what: 'a secret of another form',
    change: { verify: { preset: 'standard-webhooks', secrets: [exampleSecret, ...secrets] } },
    paths: ['/verify/secrets/1'],
  },
  {
    what: 'a private key',
    change: { verify: { preset: 'standard-webhooks', secrets: ['whsk_AAAAAAAA'] } },
    paths: ['/verify/secrets/0'],
  },
  {
    what: 'a public key that is too long',
    change: {
      verify: {
        preset: 'standard-webhooks',
        secrets: [32, 64].map((length) => `whpk_${Buffer.alloc(length, 1).toString('base64')}`),
      },
    },
    paths: ['/verify/secrets/1'],
  },
  {
    what: 'a secret that is no hex',
    change: { verify: { hmac: { header: 'x', secretEncoding: 'hex' }, secrets } },
    paths: ['/verify/secrets/0'],
  },
  {
    what: 'an unsigned body',
    change: hmac({ signed: '{timestamp}' }),
    paths: ['/verify/hmac/signed', '/verify/hmac/signed'],
  },
  {
    what: 'an unknown placeholder',
    change: hmac({ signed: '{body}.{id}' }),
    paths: ['/verify/hmac/signed'],
  },
  {
    what: 'a time that is not signed',
    change: hmac({ timestamp: { header: 'y' } }),
    paths: ['/verify/hmac/signed'],
  },
  {
    what: 'a signed time that is nowhere',
    change: hmac({ signed: '{timestamp}.{body}' }),
    paths: ['/verify/hmac/signed'],
  },
  {
    what: 'a tolerance that is none',
    change: hmac({
      tolerance: 'soon',
      timestamp: { header: 'y' },
      signed: '{timestamp}.{body}',
    }),
    paths: ['/verify/hmac/tolerance'],
  },
  {
    what: 'a tolerance of a time that the scheme does not sign',
    change: hmac({ tolerance: '5m' }),
    paths: ['/verify/hmac/tolerance'],
  },
  ...['github', 'shopify', 'intercom', 'typeform'].map((preset) => ({
    what: `a tolerance of a time that ${preset} does not sign`,
    change: { verify: { preset, secrets, tolerance: '5m' } },
    paths: ['/verify/tolerance'],
  })),
  {
    what: 'a tolerance of a token',
    change: { verify: { bearer: { tokens: secrets }, tolerance: '5m' } },
    paths: ['/verify/tolerance'],
  },
  {
    what: 'a tolerance of a password',
    change: { verify: { basic: { user: 'shop', passwords: secrets }, tolerance: '5m' } },
    paths: ['/verify/tolerance'],
  },
  ...['stripe', 'slack', 'calendly', 'paddle', 'zendesk'].map((preset) => ({
    what: `a tolerance of the time that ${preset} signs`,
    change: { verify: { preset, secrets, tolerance: '1m' } },
    paths: [],
  })),
  {
    what: 'a tolerance of a standard webhook',
    change: {
      verify: { preset: 'standard-webhooks', secrets: [exampleSecret], tolerance: '1m' },
    },
    paths: [],
  },
  { what: 'a time without end', change: { limits: { time: '1h' } }, paths: ['/limits/time'] },
  { what: 'half an expression', change: { mapping: '{ "type": ' }, paths: ['/mapping'] },
  { what: 'an id that is none', change: { messageId: 'id &' }, paths: ['/messageId'] },
];

it.each(cases)('$what', ({ change, paths }) => {
  expect(validateSettings(settings(change)).map(({ path }) => path)).toEqual(paths);
});

it.each([
  ['{\n  "type": "track",\n  "event": name &\n}', 'line 4, column 1: '],
  ['$foo(', 'line 1, column 6: '],
  ['{ "type": "track",\n  "at": $now() }', 'line 2, column 9: found $now'],
  ['items.$random()', 'line 1, column 7: found $random'],
  ['$map(items, $eval)', 'line 1, column 13: found $eval'],
  ['( $r := $millis; $r() )', 'line 1, column 9: found $millis'],
])('says where in the expression: %j', (text, message) => {
  const problem = findExpressionProblem(text);
  expect(problem?.message.slice(0, message.length)).toBe(message);
});

it('the presets’ own expressions compile, and their schemes are in order', () => {
  for (const [name, { hmac: scheme, messageId }] of Object.entries(presets)) {
    const own = settings({ verify: { hmac: scheme, secrets }, ...(messageId && { messageId }) });
    expect({ name, found: validateSettings(own) }).toEqual({ name, found: [] });
  }
});
