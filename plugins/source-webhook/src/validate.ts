// What the schema cannot say of settings: one way to verify with all it needs, and expressions that compile.
import { describeWebhookKeyProblem, parseDuration, type SettingsFinding } from '@tributary/sdk';
import { findExpressionProblem } from './expression.ts';
import { presets } from './presets.ts';
import type { HmacSettings, Settings } from './settings.ts';
import { isTimed } from './signature-header.ts';

export function validateSettings(settings: Settings): SettingsFinding[] {
  const { verify, mapping, messageId, limits } = settings;
  return [
    ...wayProblems(verify),
    ...secretProblems(verify),
    ...idleToleranceProblems(verify),
    ...(verify.hmac ? schemeProblems(verify.hmac) : []),
    ...durationProblems('/verify/tolerance', verify.tolerance, 86_400_000),
    ...durationProblems('/limits/time', limits?.time, 5_000),
    ...expressionProblems('/mapping', mapping),
    ...expressionProblems('/messageId', messageId),
  ];
}

const ways = ['preset', 'hmac', 'bearer', 'basic'] as const;

function wayProblems(verify: Settings['verify']): SettingsFinding[] {
  const given = ways.filter((way) => verify[way] !== undefined);
  if (given.length === 1) return [];
  const found = given.length === 0 ? 'nothing' : given.join(' and ');
  const message = `found ${found}, expected one of preset, hmac, bearer and basic: what is not verified could be anybody’s`;
  return [{ path: '/verify', message }];
}

function secretProblems({ preset, hmac, secrets }: Settings['verify']): SettingsFinding[] {
  const isSigned = preset !== undefined || hmac !== undefined;
  if (isSigned && secrets === undefined) {
    const message = 'found no secret, expected the one that the sender signs with';
    return [{ path: '/verify/secrets', message }];
  }
  if (!isSigned && secrets !== undefined) {
    return [{ path: '/verify/secrets', message: 'found secrets and nothing that is signed' }];
  }
  if (preset === 'standard-webhooks') {
    return (secrets ?? []).flatMap((secret, index) => {
      const message = verifierProblem(secret);
      return message === undefined ? [] : [{ path: `/verify/secrets/${index}`, message }];
    });
  }
  const form = hmac?.secretEncoding === 'hex' ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/]+={0,2}$/;
  const isEncoded = (hmac?.secretEncoding ?? 'text') !== 'text';
  return (secrets ?? []).flatMap((secret, index) =>
    !isEncoded || form.test(secret)
      ? []
      : [{ path: `/verify/secrets/${index}`, message: `is not ${hmac?.secretEncoding}` }],
  );
}

/** The sender's private key has no business here. */
function verifierProblem(secret: string): string | undefined {
  if (secret.startsWith('whsk_')) return 'is a private key. Ask the sender for its whpk_ key.';
  return describeWebhookKeyProblem(secret);
}

/** Where no time is signed there is nothing that could be too old, and nobody shall believe otherwise. */
function idleToleranceProblems(verify: Settings['verify']): SettingsFinding[] {
  const message = 'found a tolerance where no time is signed, expected none. Take it out.';
  const isIdle = !signsTime(verify);
  return [
    ...(isIdle && verify.tolerance !== undefined ? [{ path: '/verify/tolerance', message }] : []),
    ...(isIdle && verify.hmac?.tolerance !== undefined
      ? [{ path: '/verify/hmac/tolerance', message }]
      : []),
  ];
}

function signsTime({ preset, hmac }: Settings['verify']): boolean {
  if (preset === 'standard-webhooks') return true;
  const scheme = preset === undefined ? hmac : presets[preset].hmac;
  return scheme !== undefined && isTimed(scheme);
}

const placeholders = /\{(?!(?:body|timestamp|header:[A-Za-z0-9-]{1,100})\})[^}]*\}?/;

function schemeProblems(scheme: HmacSettings): SettingsFinding[] {
  const { signed = '{body}', timestamp, pairs, tolerance } = scheme;
  const path = '/verify/hmac';
  const hasTime = isTimed(scheme);
  const findings: (SettingsFinding | false)[] = [
    !signed.includes('{body}') && {
      path: `${path}/signed`,
      message: 'found no {body}, expected it to be signed',
    },
    placeholders.test(signed) && {
      path: `${path}/signed`,
      message: 'found an unknown placeholder, expected {body}, {timestamp} or {header:NAME}',
      offset: signed.search(placeholders),
    },
    hasTime !== signed.includes('{timestamp}') && {
      path: `${path}/signed`,
      message: hasTime
        ? 'found a timestamp that is not signed, which anybody could renew; expected {timestamp}'
        : 'found {timestamp}, expected `timestamp` or `pairs.timestamp` to say where it is',
    },
    timestamp !== undefined &&
      pairs?.timestamp !== undefined && {
        path: `${path}/timestamp`,
        message: 'found a timestamp in a header and in the pairs, expected one',
      },
    scheme.separator !== undefined &&
      pairs !== undefined && {
        path: `${path}/separator`,
        message: 'found it beside `pairs`, which has its own; expected one of them',
      },
  ];
  return [
    ...findings.filter((finding) => finding !== false),
    ...durationProblems(`${path}/tolerance`, tolerance, 86_400_000),
  ];
}

function durationProblems(path: string, text: string | undefined, most: number): SettingsFinding[] {
  const milliseconds = text === undefined ? 1 : parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= most) return [];
  const message = `is no duration from 1ms to ${most >= 60_000 ? '1d' : '5s'}, such as 30s`;
  return [{ path, message }];
}

function expressionProblems(path: string, text: string | undefined): SettingsFinding[] {
  const found = text === undefined ? undefined : findExpressionProblem(text);
  return found ? [{ path, ...found }] : [];
}
