// JavaScript values → the text form of parameters, alike for both drivers. What has no obvious
// form is refused here, with the statement's name, rather than stored as something unmeant.
import { encodeArray } from './array-text.ts';
import { StoreError } from './errors.ts';
import type { Statement } from './store.ts';

export type EncodedParameter = string | Buffer | null;

export function encodeParameters(
  statement: Statement,
  parameters: readonly unknown[],
): EncodedParameter[] {
  return parameters.map((value, index) => {
    if (value instanceof Uint8Array) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const refuse = (found: string): never => refuseParameter(statement, index, found);
    if (Array.isArray(value)) return encodeArray(value, (element) => encodeText(element, refuse));
    return encodeText(value, refuse);
  });
}

function encodeText(value: unknown, refuse: (found: string) => never): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return hexText(value);
      return refuse(value instanceof Date ? 'a Date' : 'an object');
    case 'undefined':
    case 'function':
    case 'symbol':
      return refuse(typeof value);
  }
}

function hexText(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `\\x${view.toString('hex')}`;
}

function refuseParameter(statement: Statement, index: number, found: string): never {
  throw new StoreError(
    'STORE_PARAMETER_INVALID',
    `statement ${statement.name}, parameter $${index + 1}: found ${found}, expected text, number, boolean, bytes, null or an array of these. Pass JSON as text and a time through isoTime.`,
  );
}
