import { describe, expect, it } from 'vitest';
import { normaliseCurrency } from './normalise-currency.ts';

describe('a currency', () => {
  it.each([
    ['EUR', 'EUR'],
    [' usd ', 'USD'],
    ['jpy', 'JPY'],
    ['€', undefined],
    ['Euro', undefined],
    ['EURO', undefined],
    ['XYZ', undefined],
    ['', undefined],
  ])('%s is %s', (typed, code) => expect(normaliseCurrency(typed)).toBe(code));
});
