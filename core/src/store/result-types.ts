// How values of a result become JavaScript values: one table for both drivers, by type id of
// PostgreSQL's catalogue. Everything arrives in text form.
import type { CustomTypesConfig } from 'pg';
import { parseArray } from './array-text.ts';
import { StoreError } from './errors.ts';
import { parseTimestamp } from './timestamp.ts';

type Parser = (text: string) => unknown;

const scalars: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [16, (text) => text === 't'], // bool
  [17, parseBytes], // bytea
  [20, parseInteger], // int8
  [21, Number], // int2
  [23, Number], // int4
  [26, Number], // oid
  [114, parseJson], // json
  [700, Number], // float4
  [701, Number], // float8
  [1114, parseTimestamp], // timestamp, taken as UTC
  [1184, parseTimestamp], // timestamptz
  [3802, parseJson], // jsonb
]);

/** Array type → element type, for the built-in types that a statement of the hub may return. */
const elementOf: ReadonlyMap<number, number> = new Map([
  [199, 114],
  [1000, 16],
  [1001, 17],
  [1002, 18],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1028, 26],
  [1115, 1114],
  [1182, 1082],
  [1185, 1184],
  [1231, 1700],
  [2951, 2950],
  [3807, 3802],
]);

const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  ...scalars,
  ...[...elementOf].map(([array, element]): [number, Parser] => {
    const parseElement = scalars.get(element) ?? asText;
    return [array, (text) => parseArray(text, parseElement)];
  }),
]);

/** What `pg` asks for the parser of each column; unknown types stay text. */
export const resultTypes: CustomTypesConfig = {
  getTypeParser: (oid: number) => parsers.get(oid) ?? asText,
};

function asText(text: string): string {
  return text;
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

function parseInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new StoreError(
    'STORE_VALUE_INVALID',
    'an int8 in a result: found a number beyond ±(2^53 − 1), which JavaScript cannot hold exactly. Cast it to numeric or text in the statement.',
  );
}

function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
