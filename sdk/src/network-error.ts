// What a failed exchange says about the other side: nothing can have reached it, or something may.
import { addressNotPublic } from './address-guard.ts';
import { isPluginError, PluginError } from './plugin-error.ts';
import { redactSecrets } from './redact.ts';

export interface Exchange {
  /** Method and origin; never the path or the query, where people's data and keys travel. */
  readonly what: string;
  /** Why our side gave up, if it did. */
  readonly ended: 'time-out' | 'aborted' | undefined;
  readonly secrets: readonly string[];
}

// No byte of a request leaves before the name is resolved, the connection stands and TLS is agreed.
const neverConnected = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const tlsRefused =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|ERR_SSL_(WRONG_VERSION|UNSUPPORTED|NO_))/;

/** Codes travel as `vendorCode`; causes do not, because they may quote the request. */
export function networkError(error: unknown, exchange: Exchange): PluginError {
  if (isPluginError(error)) return error;
  const codes = codesOf(error);
  const fail = (kind: 'rejected' | 'transient' | 'unknown', found: string): PluginError => {
    const message = redactSecrets(`${exchange.what}: ${found}`, exchange.secrets);
    return new PluginError(kind, message, codes[0] === undefined ? {} : { vendorCode: codes[0] });
  };
  if (codes.includes(addressNotPublic)) {
    return new PluginError(
      'rejected',
      `${exchange.what}: the host has no public address, and no setting allows it`,
      { vendorCode: addressNotPublic },
    );
  }
  if (exchange.ended === 'time-out') return fail('unknown', 'no whole answer in time');
  if (exchange.ended === 'aborted') return fail('unknown', 'aborted on the way');
  // Where several addresses were tried, all of them must have failed before anything was sent.
  if (codes.length > 0 && codes.every(isBeforeSending)) {
    return fail('transient', `no connection (${codes.join(', ')})`);
  }
  return fail('unknown', codes.length > 0 ? `broken off (${codes.join(', ')})` : 'broken off');
}

/** The call was over before it began. */
export function unsentError(what: string): PluginError {
  return new PluginError('transient', `${what}: not sent, the call was aborted before`);
}

function isBeforeSending(code: string): boolean {
  return neverConnected.has(code) || tlsRefused.test(code);
}

/** The codes at the ends of the chain of causes: what really happened, not what wrapped it. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 8) return [];
  if ('errors' in error && Array.isArray(error.errors)) {
    const parts: readonly unknown[] = error.errors;
    const deeper = parts.slice(0, 16).flatMap((part) => codesOf(part, depth + 1));
    if (deeper.length > 0) return [...new Set(deeper)];
  }
  const deeper = 'cause' in error ? codesOf(error.cause, depth + 1) : [];
  if (deeper.length > 0) return deeper;
  return 'code' in error && typeof error.code === 'string' ? [error.code] : [];
}
