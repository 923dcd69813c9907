import { describe, expect, it } from 'vitest';
import { normalisePhone } from './normalise-phone.ts';

describe('a phone number', () => {
  it.each([
    ['+49 30 901820', undefined, '+4930901820'],
    ['030 / 901820', 'DE', '+4930901820'],
    ['030 / 901820', 'de', '+4930901820'],
    ['0049 30 901820', 'DE', '+4930901820'],
    ['(212) 555-2368', 'US', '+12125552368'],
    ['+1 212-555-2368', 'DE', '+12125552368'],
    ['＋４９ ３０ ９０１８２０', undefined, '+4930901820'],
    ['+39 06 698 83145', undefined, '+390669883145'],
  ])('%j (%s) is %s', (typed, country, e164) => expect(normalisePhone(typed, country)).toBe(e164));

  it.each([
    ['030 901820', undefined],
    ['030 901820', 'XX'],
    ['0049 30 901820', undefined],
    ['+49 1', undefined],
    ['+999 123456789', undefined],
    ['12345', 'DE'],
    ['call +49 30 901820', undefined],
    ['+49 30 901820 ext. 12', undefined],
    ['unknown', 'DE'],
    ['', 'DE'],
    ['1'.repeat(1_000_000), 'DE'],
  ])('%# is none', (typed, country) => expect(normalisePhone(typed, country)).toBeUndefined());
});
