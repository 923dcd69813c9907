// RFC 8785 as its authors test it, where their test data is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';

const data = process.env['TRIBUTARY_DATA'];
const folder = data === undefined ? undefined : join(data, 'jcs', 'testdata');

describe('canonical JSON', () => {
  it.each([
    [
      'sorts members by UTF-16 code units',
      { '\u20ac': 1, '\r': 2, b: 3, '\ud83d\ude00': 4 },
      '{"\\r":2,"b":3,"€":1,"😀":4}',
    ],
    ['writes numbers as ECMAScript does', [1e21, 1e-7, -0, 0.1, 100], '[1e+21,1e-7,0,0.1,100]'],
    ['escapes only what must be', ['\u0007"\\/é'], '["\\u0007\\"\\\\/é"]'],
  ])('%s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('refuses what JSON cannot say', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(/NaN/);
    expect(() => canonicalJson('\ud800')).toThrow(/surrogate/);
  });

  it('is the same for the same value in any order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned as never)).toBe(canonicalJson(value as never));
        expect(JSON.parse(canonicalJson(value as never))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  describe.skipIf(folder === undefined || !existsSync(folder))('published vectors', () => {
    const names = folder === undefined ? [] : readdirSync(join(folder, 'input'));
    it.each(names)('%s', (name) => {
      const read = (kind: string, file: string): string =>
        readFileSync(join(folder ?? '', kind, file), 'utf8');
      const text = canonicalJson(JSON.parse(read('input', name)) as never);
      expect(text).toBe(read('output', name).trimEnd());
      const hex = read('outhex', name.replace('.json', '.txt')).replaceAll(/\s+/g, '');
      expect(Buffer.from(text).toString('hex')).toBe(hex);
    });
  });
});
