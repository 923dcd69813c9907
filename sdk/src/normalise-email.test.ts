import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseEmail } from './normalise-email.ts';

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+news@Example.COM\n', 'ada.lovelace+news@example.com'],
    ['ada.lovelace@gmail.com', 'ada.lovelace@gmail.com'],
    ["o'hara@example.ie", "o'hara@example.ie"],
    ['user@münchen.example', 'user@xn--mnchen-3ya.example'],
    ['USER@XN--MNCHEN-3YA.example', 'user@xn--mnchen-3ya.example'],
    ['jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
  ])('%j is %j', (typed, normalised) => expect(normaliseEmail(typed)).toBe(normalised));

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@１２７.1',
    'ada lovelace@example.com',
    'ada@exa mple.com',
    'a@b@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..b@example.com',
    'ada@-example.com',
    'ada@example-.com',
    'ada@example..com',
    'ada@example.com.',
    'ada@ex_ample.com',
    '"ada"@example.com',
    'ada\u200b@example.com',
    'ada\0@example.com',
    '\ud800@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${'abcdefghi.'.repeat(26)}com`,
    'ada@example.com, bob@example.com',
    'Ada <ada@example.com>',
    'x'.repeat(1_000_000),
  ])('refuses %#', (typed) => expect(normaliseEmail(typed)).toBeUndefined());

  it('is stable, and one for any case and padding', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.constantFrom('', ' ', '\t\n'), (address, padding) => {
        const once = normaliseEmail(address);
        fc.pre(once !== undefined);
        expect(normaliseEmail(once)).toBe(once);
        expect(normaliseEmail(padding + address.toUpperCase() + padding)).toBe(once);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = normaliseEmail(`${text}@example.com`);
        expect(once === undefined || normaliseEmail(once) === once).toBe(true);
      }),
    );
  });
});

// Dominic Sayers' public cases. Deliverable as plain addresses are the two first categories; we
// refuse dotless domains of them, and forgive white space around an address.
const deliverable = new Set(['ISEMAIL_VALID_CATEGORY', 'ISEMAIL_DNSWARN']);
const cases = join(process.env['TRIBUTARY_DATA'] ?? '', 'email', 'isemail_tests.xml');
const present = process.env['TRIBUTARY_DATA'] !== undefined && existsSync(cases);
if (!present)
  console.warn('skipped: set TRIBUTARY_DATA to check addresses against isemail_tests.xml');

describe.skipIf(!present)("Dominic Sayers' cases", () => {
  it('agree but for dotless domains and surrounding white space', () => {
    const agreed = { valid: 0, invalid: 0 };
    const total = { valid: 0, invalid: 0 };
    const disagreed: string[] = [];
    for (const { address, category } of readCases(readFileSync(cases, 'utf8'))) {
      const expected = deliverable.has(category) ? 'valid' : 'invalid';
      total[expected] += 1;
      const found = normaliseEmail(address) === undefined ? 'invalid' : 'valid';
      if (found === expected) agreed[expected] += 1;
      else disagreed.push(address);
    }
    const padded = disagreed.filter(
      (address) => address !== address.trim() && address.trim() === 'test@iana.org',
    );
    console.info(
      `isemail: ${agreed.valid} of ${total.valid} valid and ${agreed.invalid} of ${total.invalid} invalid agree; ` +
        `the others are test@io and ${padded.length} with white space around test@iana.org`,
    );
    const explained = disagreed.filter(
      (address) => address === 'test@io' || padded.includes(address),
    );
    expect(total.valid + total.invalid).toBeGreaterThan(150);
    expect(disagreed).toEqual(explained);
  });
});

function readCases(xml: string): { address: string; category: string }[] {
  return [...xml.matchAll(/<test id="\d+">(.*?)<\/test>/gs)].map(([, body = '']) => ({
    address: unescapeXml(/<address>(.*?)<\/address>/s.exec(body)?.[1] ?? ''),
    category: /<category>(.*?)<\/category>/.exec(body)?.[1] ?? '',
  }));
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return (
    text
      .replaceAll(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => named[name] ?? '')
      // The file writes a control character as its picture.
      .replaceAll(/[\u2400-\u241f]/g, (picture) =>
        String.fromCharCode(picture.charCodeAt(0) - 0x2400),
      )
  );
}
