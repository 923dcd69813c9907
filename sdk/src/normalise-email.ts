// One person types her address in many ways; identity sees one. Only what mail is really delivered to
// counts as an address: a dot-atom before the @ and a domain of at least two labels after it. Quoted
// local parts, comments and address literals, which RFC 5322 allows too, are refused.
import { domainToASCII } from 'node:url';

// RFC 5321 section 4.5.3.1, in octets; a path of 256 octets leaves 254 for the address.
const longestAddress = 254;
const longestLocalPart = 64;

// RFC 5322 atext, and everything beyond ASCII that is neither space nor control (RFC 6532).
const localPart =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~\u{a1}-\u{10ffff}-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\u{a1}-\u{10ffff}-]+)*$/u;
const unseen =
  /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Control}\p{Surrogate}\p{Private_Use}]/u;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const onlyDigits = /^\d+$/;

/**
 * The address in the one form that identity compares: trimmed, NFC, lower case, the domain in ASCII
 * (`xn--…`). Dots and tags of the local part stay: only some providers ignore them. Undefined where
 * the text is no address.
 */
export function normaliseEmail(value: string): string | undefined {
  if (value.length > 4 * longestAddress) return undefined;
  const address = value.trim().normalize('NFC').toLowerCase();
  const at = address.lastIndexOf('@');
  if (at < 1 || unseen.test(address)) return undefined;
  // Lower-casing may take apart what was composed (`İ`).
  const local = address.slice(0, at).normalize('NFC');
  const domain = normaliseDomain(address.slice(at + 1));
  if (domain === undefined || !localPart.test(local)) return undefined;
  const octets = Buffer.byteLength(local);
  if (octets > longestLocalPart || octets + 1 + domain.length > longestAddress) return undefined;
  return `${local}@${domain}`;
}

function normaliseDomain(text: string): string | undefined {
  // The URL parser behind `domainToASCII` reads `127.1` as an address, so it only sees what needs it.
  const domain = /^[\0-\x7f]*$/.test(text) ? text : domainToASCII(text);
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || domain.length > 253 || onlyDigits.test(last)) return undefined;
  return labels.every((part) => label.test(part)) ? domain : undefined;
}
