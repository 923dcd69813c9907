// What a signature header holds, by the scheme: one signature, several, or pairs with a time among them.
import type { HmacSettings } from './settings.ts';

export interface SignatureHeader {
  readonly signatures: readonly string[];
  /** As written; undefined where the scheme has none or the sender left it out. */
  readonly timestamp: string | undefined;
}

/** Does the sender sign when it signed? */
export function isTimed({ timestamp, pairs }: HmacSettings): boolean {
  return timestamp !== undefined || pairs?.timestamp !== undefined;
}

// Bounds on what a stranger may make us compute.
const longestHeader = 4_096;
const mostSignatures = 16;

export function readSignatureHeader(
  scheme: HmacSettings,
  headers: Readonly<Record<string, string>>,
): SignatureHeader {
  const text = headers[scheme.header.toLowerCase()] ?? '';
  const stated = scheme.timestamp && headers[scheme.timestamp.header.toLowerCase()];
  if (text.length > longestHeader) return { signatures: [], timestamp: stated };
  if (scheme.pairs) return readPairs(text, scheme.pairs, stated);
  const { separator } = scheme;
  const parts = separator === undefined ? [text] : text.split(separator);
  return { signatures: tidy(parts), timestamp: stated };
}

function readPairs(
  text: string,
  { separator = ',', signature, timestamp }: NonNullable<HmacSettings['pairs']>,
  stated: string | undefined,
): SignatureHeader {
  const pairs = text.split(separator).map((part): readonly [string, string] => {
    const [name = '', ...rest] = part.split('=');
    return [name.trim(), rest.join('=').trim()];
  });
  const named = (name: string): string[] =>
    pairs.filter(([found]) => found === name).map(([, value]) => value);
  return {
    signatures: tidy(named(signature)),
    timestamp: timestamp === undefined ? stated : named(timestamp)[0],
  };
}

function tidy(signatures: readonly string[]): string[] {
  return signatures
    .map((signature) => signature.trim())
    .filter((signature) => signature !== '')
    .slice(0, mostSignatures);
}
