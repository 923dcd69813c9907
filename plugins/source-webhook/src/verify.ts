// Is a message genuine? Decided over the raw body before anything of it is inflated or parsed, in a time
// that depends on what is configured and on no secret.
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  createWebhookVerifier,
  parseDuration,
  parseIsoTime,
  verifyHmac,
  type SignatureVerdict,
  type SignedText,
  type SourceRequest,
} from '@tributary/sdk';
import { presets } from './presets.ts';
import type { HmacSettings, Settings } from './settings.ts';
import { isTimed, readSignatureHeader } from './signature-header.ts';

export type Verify = (request: SourceRequest, now: number) => SignatureVerdict;

type VerifySettings = Settings['verify'];

/** Compiled once: what is configured decides which way, a request decides nothing. */
export function createVerify(settings: VerifySettings): Verify {
  const { preset, hmac, bearer, basic, secrets = [] } = settings;
  const toleranceMs = parseDuration(settings.tolerance ?? hmac?.tolerance ?? '5m') ?? 300_000;
  if (preset === 'standard-webhooks') {
    const verify = createWebhookVerifier(secrets);
    return ({ headers, rawBody }, now) => verify({ headers, rawBody, now, toleranceMs });
  }
  const scheme = preset === undefined ? hmac : presets[preset].hmac;
  if (scheme) return createHmacVerify(scheme, secrets, toleranceMs);
  if (bearer) {
    const { header = 'authorization', tokens } = bearer;
    const prefix = bearer.header === undefined ? 'Bearer ' : '';
    return fixed(
      header,
      tokens.map((token) => `${prefix}${token}`),
    );
  }
  const encode = (password: string): string =>
    `Basic ${Buffer.from(`${basic?.user ?? ''}:${password}`).toString('base64')}`;
  return fixed('authorization', basic?.passwords.map(encode) ?? []);
}

function createHmacVerify(
  scheme: HmacSettings,
  secrets: readonly string[],
  toleranceMs: number,
): Verify {
  const { algorithm, encoding, prefix, secretEncoding = 'text' } = scheme;
  const keys = secrets.map((secret) =>
    Buffer.from(secret, secretEncoding === 'text' ? 'utf8' : secretEncoding),
  );
  const write = { ...(algorithm && { algorithm }), ...(encoding && { encoding }) };
  const hasTime = isTimed(scheme);
  return (request, now) => {
    const { signatures, timestamp = '' } = readSignatureHeader(scheme, request.headers);
    const text = signedText(scheme.signed ?? '{body}', timestamp, request);
    const at = parseSignedTime(timestamp, scheme.timestamp?.unit);
    const verdicts = (signatures.length > 0 ? signatures : ['']).map((signature) =>
      verifyHmac({
        ...write,
        ...(prefix === undefined ? {} : { prefix }),
        text,
        signature,
        keys,
        ...(hasTime ? { signedAt: { at, now, toleranceMs } } : {}),
      }),
    );
    return best(verdicts);
  };
}

const placeholder = /\{(body|timestamp|header:([A-Za-z0-9-]+))\}/g;

/** The template with what the request says in its places; the body stays bytes. */
export function signedText(
  template: string,
  timestamp: string,
  { headers, rawBody }: Pick<SourceRequest, 'headers' | 'rawBody'>,
): SignedText {
  const parts: (string | Uint8Array)[] = [];
  let position = 0;
  for (const match of template.matchAll(placeholder)) {
    const [whole, name, header = ''] = match;
    parts.push(template.slice(position, match.index));
    if (name === 'body') parts.push(rawBody);
    else parts.push(name === 'timestamp' ? timestamp : (headers[header.toLowerCase()] ?? ''));
    position = match.index + whole.length;
  }
  return [...parts, template.slice(position)];
}

function parseSignedTime(text: string, unit: 's' | 'ms' | 'iso' = 's'): number | undefined {
  if (unit === 'iso') return parseIsoTime(text);
  if (!/^\d{1,14}$/.test(text)) return undefined;
  return Number(text) * (unit === 's' ? 1_000 : 1);
}

/** One that fits is enough; else what comes nearest to it, which helps whoever sets it up. */
function best(verdicts: readonly SignatureVerdict[]): SignatureVerdict {
  const order = ['stale', 'mismatch', 'malformed', 'missing'] as const;
  const rank = (verdict: SignatureVerdict): number =>
    verdict.ok ? -1 : order.indexOf(verdict.reason);
  return verdicts.toSorted((a, b) => rank(a) - rank(b))[0] ?? { ok: false, reason: 'missing' };
}

/** A header that must be one of these, compared by hash so that lengths say nothing either. */
function fixed(header: string, expected: readonly string[]): Verify {
  const hashes = expected.map(sha256);
  return ({ headers }) => {
    const given = headers[header.toLowerCase()];
    if (given === undefined || given === '') return { ok: false, reason: 'missing' };
    const hash = sha256(given);
    const matches = hashes.map((candidate) => timingSafeEqual(candidate, hash));
    return matches.includes(true) ? { ok: true } : { ok: false, reason: 'mismatch' };
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
