// Advertising systems match people by hashes, so a character normalised differently is a person lost.
// Their rules differ from identity's: what is made here is only ever a vendor key.
import { createHash } from 'node:crypto';
import { normaliseEmail } from './normalise-email.ts';

/** SHA-256 of the text as it is, in lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * An e-mail address by the rules of Google's Data Manager API: no white space, lower case, and for
 * `gmail.com` and `googlemail.com` without dots and without a `+` tag. Undefined where it is none.
 * Source: developers.google.com/data-manager/api/devguides/concepts/formatting
 */
export function googleEmail(email: string): string | undefined {
  const address = normaliseEmail(email.replaceAll(/\s+/g, ''));
  if (address === undefined) return undefined;
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (domain !== 'gmail.com' && domain !== 'googlemail.com') return address;
  const local = address.slice(0, at).replace(/\+.*$/, '').replaceAll('.', '');
  return local === '' ? undefined : `${local}@${domain}`;
}

/** A phone number for Google: E.164 with its plus. The number must be international already. */
export function googlePhone(phone: string): string | undefined {
  const digits = internationalDigits(phone);
  return digits === undefined ? undefined : `+${digits}`;
}

/**
 * A given or family name for Google: lower case, trimmed, without a title before or a generation
 * after it. Undefined where nothing is left.
 */
export function googleName(name: string): string | undefined {
  const words = name.normalize('NFC').toLowerCase().trim().split(/\s+/);
  while (words.length > 0 && titles.has(bareWord(words[0]))) words.shift();
  while (words.length > 0 && generations.has(bareWord(words.at(-1)))) words.pop();
  return words.join(' ').replace(/,+$/, '') || undefined;
}

/** An e-mail address for Meta: trimmed and lower case; nothing is folded. */
export function metaEmail(email: string): string | undefined {
  return normaliseEmail(email);
}

/** A phone number for Meta: digits with country code, without plus or leading zeros. */
export function metaPhone(phone: string): string | undefined {
  return internationalDigits(phone);
}

/** `googleEmail`, hashed. */
export function hashGoogleEmail(email: string): string | undefined {
  return hashed(googleEmail(email));
}

/** `googlePhone`, hashed. */
export function hashGooglePhone(phone: string): string | undefined {
  return hashed(googlePhone(phone));
}

/** `googleName`, hashed. */
export function hashGoogleName(name: string): string | undefined {
  return hashed(googleName(name));
}

/** `metaEmail`, hashed. */
export function hashMetaEmail(email: string): string | undefined {
  return hashed(metaEmail(email));
}

/** `metaPhone`, hashed. */
export function hashMetaPhone(phone: string): string | undefined {
  return hashed(metaPhone(phone));
}

const titles = new Set(['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'sir', 'dame']);
const generations = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'phd', 'md', 'esq']);

function bareWord(word: string | undefined): string {
  return word?.replaceAll(/[.,]/g, '') ?? '';
}

// A number without its plus could be national: hashed wrongly it would match a stranger.
function internationalDigits(phone: string): string | undefined {
  const text = phone.trim();
  const digits = text.replaceAll(/[\s().\-/]/g, '').slice(1);
  return text.startsWith('+') && /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}

function hashed(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sha256Hex(text);
}
