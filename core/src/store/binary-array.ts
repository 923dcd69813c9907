// PostgreSQL's binary form of one-dimensional arrays. Whole batches go through here: reading a time, a
// uuid or bytes from text costs the database several times what it costs to store them.

/** How the elements of one type are written. */
interface ElementForm {
  /** Type id of PostgreSQL's catalogue. */
  readonly type: number;
  /** Bytes of one element; undefined: it is not in the plain form that is written here. */
  size(value: unknown): number | undefined;
  write(value: unknown, into: Buffer, at: number): void;
}

const header = 20;
/** What stands in place of a null's size. */
const nullSize = -1;

/** Undefined where some element is not in its type's plain form: then text says it, or PostgreSQL why not. */
export function encodeBinaryArray(values: readonly unknown[], element: string): Buffer | undefined {
  const form = forms.get(element);
  if (form === undefined) return undefined;
  const sizes: number[] = [];
  let length = header;
  for (const value of values) {
    const size = value === null ? nullSize : form.size(value);
    if (size === undefined) return undefined;
    sizes.push(size);
    length += 4 + Math.max(size, 0);
  }
  const bytes = Buffer.allocUnsafe(length);
  writeHeader(bytes, values, form);
  let at = header;
  for (const [place, size] of sizes.entries()) {
    at = bytes.writeInt32BE(size, at);
    if (size === nullSize) continue;
    form.write(values[place], bytes, at);
    at += size;
  }
  return bytes;
}

/** Dimensions, whether there are nulls, element type; then the one dimension's length and lower bound. */
function writeHeader(bytes: Buffer, values: readonly unknown[], { type }: ElementForm): void {
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(type, 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16);
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isoText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** 2000-01-01, from which PostgreSQL counts microseconds. */
const epoch = 946_684_800_000;

const whole = (type: number, size: number, write: ElementForm['write']): ElementForm => ({
  type,
  size: (value) => (isWhole(value) && Math.abs(value) < 2 ** (8 * size - 1) ? size : undefined),
  write,
});

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

const forms: ReadonlyMap<string, ElementForm> = new Map<string, ElementForm>([
  ['bigint', whole(20, 8, (value, into, at) => writeInt8(Number(value), into, at))],
  ['int', whole(23, 4, (value, into, at) => into.writeInt32BE(Number(value), at))],
  ['smallint', whole(21, 2, (value, into, at) => into.writeInt16BE(Number(value), at))],
  [
    'float8',
    {
      type: 701,
      size: (value) => (typeof value === 'number' ? 8 : undefined),
      write: (value, into, at) => into.writeDoubleBE(Number(value), at),
    },
  ],
  [
    'boolean',
    {
      type: 16,
      size: (value) => (typeof value === 'boolean' ? 1 : undefined),
      write: (value, into, at) => into.writeUInt8(value === true ? 1 : 0, at),
    },
  ],
  [
    'uuid',
    {
      type: 2950,
      size: (value) => (typeof value === 'string' && uuidText.test(value) ? 16 : undefined),
      write: (value, into, at) => into.write(String(value).replaceAll('-', ''), at, 'hex'),
    },
  ],
  [
    'timestamptz',
    {
      type: 1184,
      size: (value) => (isTime(value) ? 8 : undefined),
      write: (value, into, at) =>
        writeTime(typeof value === 'number' ? value : timeOf(String(value)), into, at),
    },
  ],
  [
    'bytea',
    {
      type: 17,
      size: (value) => (value instanceof Uint8Array ? value.byteLength : undefined),
      write: (value, into, at) => {
        if (value instanceof Uint8Array) into.set(value, at);
      },
    },
  ],
  [
    'jsonb',
    {
      type: 3802,
      size: (value) => (typeof value === 'string' ? 1 + Buffer.byteLength(value) : undefined),
      write: (value, into, at) => into.write(String(value), into.writeUInt8(1, at)),
    },
  ],
]);

/** As text or, which is cheaper, in milliseconds since 1970. */
function isTime(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isNaN(value);
  return typeof value === 'string' && (isoText.test(value) || infinities.has(value));
}

const infinities: ReadonlyMap<string, number> = new Map([
  ['infinity', Infinity],
  ['-infinity', -Infinity],
]);

function timeOf(text: string): number {
  return infinities.get(text) ?? Date.parse(text);
}

function writeTime(milliseconds: number, into: Buffer, at: number): void {
  const microseconds = (Math.trunc(milliseconds) - epoch) * 1_000;
  if (Number.isSafeInteger(microseconds)) writeInt8(microseconds, into, at);
  else if (milliseconds === Infinity) into.writeBigInt64BE(0x7fffffffffffffffn, at);
  else if (milliseconds === -Infinity) into.writeBigInt64BE(-0x8000000000000000n, at);
  else into.writeBigInt64BE(BigInt(Math.trunc(milliseconds) - epoch) * 1_000n, at);
}

/** In two halves: a bigint for each number would cost more than all the rest. */
function writeInt8(value: number, into: Buffer, at: number): void {
  into.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  into.writeUInt32BE(value >>> 0, at + 4);
}
