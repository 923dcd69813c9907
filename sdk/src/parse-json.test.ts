// No digit of an integer is lost on the way in.
import { expect, it } from 'vitest';
import fc from 'fast-check';
import { parseJson } from './parse-json.ts';

const largeIds = { id: '9007199254740993', items: ['9007199254740994', '9007199254740995'] };
const plainNumbers = {
  total: 1e308,
  price: Number('0.12345678901234567'),
  large: Number('12345678901234567.5'),
};

it.each([
  ['12345678901234567890', '12345678901234567890'],
  ['-9007199254740993', '-9007199254740993'],
  ['9007199254740991', 9_007_199_254_740_991],
  ['{"id":9007199254740993,"items":[9007199254740994,"9007199254740995"]}', largeIds],
  ['{"total":1e308,"price":0.12345678901234567,"large":12345678901234567.5}', plainNumbers],
  ['1e400', '1e400'],
  ['[-1E+999,12.5e0308,1e308,1e-400]', ['-1E+999', '12.5e0308', 1e308, 0]],
  ['1'.repeat(400), '1'.repeat(400)],
  ['"a text of 1e400"', 'a text of 1e400'],
  ['"a text of 12345678901234567890"', 'a text of 12345678901234567890'],
])('%s', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

it('tells any two integers apart, and reads everything else as JSON does', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (integer) => {
      const found = parseJson(`${integer}`);
      expect(typeof found === 'number' ? BigInt(found) : found).toEqual(
        typeof found === 'number' ? integer : `${integer}`,
      );
    }),
  );
  const values = [fc.string(), fc.boolean(), fc.maxSafeInteger(), fc.constant(null)];
  fc.assert(
    fc.property(fc.object({ values }), fc.string(), (object, text) => {
      const json = JSON.stringify({ object, text: `${text}1234567890123456` });
      expect(parseJson(json)).toEqual(JSON.parse(json));
    }),
  );
});
