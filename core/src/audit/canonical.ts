// One text for one JSON value (RFC 8785), so that whoever hashes an entry again gets the same bytes.
import canonicalize from 'canonicalize';
import type { JsonValue } from '@tributary/sdk';

/** Throws on what JSON cannot say: NaN, infinities, half of a surrogate pair, cycles. */
export function canonicalJson(value: JsonValue): string {
  const text = canonicalize(value);
  if (text === undefined) {
    throw new TypeError(
      `AUDIT_NOT_JSON: canonical JSON: found ${typeof value}, expected a JSON value. Leave it out.`,
    );
  }
  return text;
}
