import { describe, expect, it } from 'vitest';
import { normaliseCountry } from './normalise-country.ts';

describe('a country', () => {
  it.each([
    ['DE', 'DE'],
    ['de', 'DE'],
    ['DEU', 'DE'],
    ['Germany', 'DE'],
    [' germany ', 'DE'],
    ['UK', 'GB'],
    ['United Kingdom', 'GB'],
    ['United States', 'US'],
    ['United States of America', 'US'],
    ['U.S.A.', 'US'],
    ["Cote d'Ivoire", 'CI'],
    ['Côte d’Ivoire', 'CI'],
    ['Türkiye', 'TR'],
    ['Turkey', 'TR'],
    ['Trinidad and Tobago', 'TT'],
    ['Trinidad & Tobago', 'TT'],
    ['St. Lucia', 'LC'],
    ['Saint Lucia', 'LC'],
    ['South Korea', 'KR'],
    ['AUT', 'AT'],
    ['AUS', 'AU'],
  ])('%s is %s', (typed, code) => expect(normaliseCountry(typed)).toBe(code));

  it.each(['', 'XX', 'EU', 'ZZ', 'Deutschland', 'Europe', 'DDR', '49', 'x'.repeat(1_000)])(
    '%s is none',
    (typed) => expect(normaliseCountry(typed)).toBeUndefined(),
  );

  it('knows every code of the runtime under its English name', () => {
    const names = new Intl.DisplayNames('en', { type: 'region' });
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const known = letters
      .flatMap((first) => letters.map((second) => first + second))
      .filter((code) => normaliseCountry(code) === code);
    expect(known.length).toBe(250);
    for (const code of known) expect(normaliseCountry(names.of(code) ?? '')).toBe(code);
  });
});
