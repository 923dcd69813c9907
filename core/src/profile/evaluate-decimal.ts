// Exact decimal arithmetic on JSON numbers. A JavaScript number stands for its shortest decimal
// text, which is what JSON and the database hold; whole numbers stay plain as long as they are exact.
import { Big } from 'big.js';

export type Decimal = number | Big;

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    const exact =
      Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(sum);
    if (exact) return sum;
  }
  return new Big(left).plus(right);
}

/**
 * Negative, zero or positive. Two plain numbers need no decimals: shortest texts are in the order
 * of the numbers they stand for.
 */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (typeof left === 'number' && typeof right === 'number') {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return new Big(left).cmp(right);
}

export function multiplyDecimals(left: Decimal, right: Decimal): Decimal {
  return new Big(left).times(right);
}

/** The nearest JavaScript number. */
export function decimalToNumber(value: Decimal): number {
  return typeof value === 'number' ? value : Number(value.toString());
}

/** The text form of an exact decimal → the decimal; plain when that loses nothing. */
export function decimalFromText(text: string): Decimal {
  const plain = Number(text);
  return Number.isSafeInteger(plain) && /^-?\d+$/.test(text) ? plain : new Big(text);
}
