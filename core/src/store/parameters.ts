// JavaScript values → parameters, alike for both drivers: arrays of a type that the statement names in
// binary form, all else as text. What has no obvious form is refused here, with the statement's name,
// rather than stored as something unmeant.
import { encodeArray } from './array-text.ts';
import { encodeBinaryArray } from './binary-array.ts';
import { StoreError } from './errors.ts';
import type { Statement } from './store.ts';

export type EncodedParameter = string | Buffer | null;

export function encodeParameters(
  statement: Statement,
  parameters: readonly unknown[],
): EncodedParameter[] {
  const elements = elementTypes(statement);
  return parameters.map((value, index) => {
    if (value instanceof Uint8Array) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const refuse = (found: string): never => refuseParameter(statement, index, found);
    if (Array.isArray(value)) {
      const element = elements.get(index + 1);
      const binary = element === undefined ? undefined : encodeBinaryArray(value, element);
      return binary ?? encodeArray(value, (item) => encodeText(item, refuse));
    }
    return encodeText(value, refuse);
  });
}

const castsOf = new WeakMap<Statement, ReadonlyMap<number, string>>();

/** Parameter → the type that its elements are cast to, `$1::uuid[]`; without those cast to several. */
function elementTypes(statement: Statement): ReadonlyMap<number, string> {
  const known = castsOf.get(statement);
  if (known !== undefined) return known;
  const found = new Map<number, string>();
  const several = new Set<number>();
  for (const [, place, type = ''] of statement.text.matchAll(/\$(\d+)(?:::(\w+\[\]|\w+))?/g)) {
    const parameter = Number(place);
    const before = found.get(parameter);
    if (before !== undefined && before !== type && type !== '') several.add(parameter);
    if (type !== '') found.set(parameter, type);
  }
  const elements = [...found].flatMap(([parameter, type]): [number, string][] =>
    type.endsWith('[]') && !several.has(parameter) ? [[parameter, type.slice(0, -2)]] : [],
  );
  const types = new Map(elements);
  castsOf.set(statement, types);
  return types;
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
