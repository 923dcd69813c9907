// The small vocabulary that the sections of the config's JSON Schema are written in. The same schema
// validates, fills in defaults, serves editors and prints the reference.

export interface Schema {
  readonly [keyword: string]: unknown;
}

/** An object of known keys; anything else is refused. */
export function section(
  description: string,
  properties: Record<string, Schema>,
  more: Schema = {},
): Schema {
  return { type: 'object', description, properties, additionalProperties: false, ...more };
}

/** An object whose keys the admin chooses. */
export function mapOf(description: string, each: Schema, keys: Schema = name): Schema {
  return { type: 'object', description, propertyNames: keys, additionalProperties: each };
}

export function listOf(description: string, items: Schema, more: Schema = {}): Schema {
  return { type: 'array', description, items, uniqueItems: true, ...more };
}

export function text(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, minLength: 1, ...more };
}

export function flag(description: string, byDefault: boolean): Schema {
  return { type: 'boolean', description, default: byDefault };
}

export function choice(description: string, values: readonly string[], more: Schema = {}): Schema {
  return { type: 'string', description, enum: values, ...more };
}

export function whole(
  description: string,
  minimum: number,
  maximum: number,
  more: Schema = {},
): Schema {
  return { type: 'integer', description, minimum, maximum, ...more };
}

export function duration(description: string, byDefault?: string): Schema {
  return {
    type: 'string',
    description,
    pattern: patterns.duration,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
}

export function size(description: string, byDefault?: string): Schema {
  return {
    type: ['string', 'integer'],
    description,
    pattern: patterns.size,
    minimum: 1,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  };
}

export const patterns = {
  // A few thousand years at most: from now, forward or back, there are dates for it.
  duration: '^[1-9]([0-9]{0,8}[sm]|[0-9]{0,6}h|[0-9]{0,5}d|[0-9]{0,4}w)$',
  size: '^[1-9][0-9]{0,12} ?(B|KiB|MiB|GiB)?$',
  name: '^[a-z][a-z0-9_-]{0,62}$',
  country: '^[A-Z]{2}$',
  region: '^[A-Z]{2}(-[A-Z0-9]{1,3})?$',
  trait: '^[^\\u0000-\\u001f]{1,200}$',
  mount: '^/[A-Za-z0-9/_.-]{0,199}$',
} as const;

/** What a pattern means, for people. */
export const patternWords: ReadonlyMap<string, string> = new Map([
  [patterns.duration, 'a duration such as 90s, 30m, 12h, 7d or 2w, of at most 99999w'],
  [patterns.size, 'a size such as 32 KiB or 1 MiB'],
  [
    patterns.name,
    'a name of lower-case letters, digits, `_` and `-`, beginning with a letter, at most 63 long',
  ],
  [patterns.country, 'an ISO 3166 country of two letters such as DE'],
  [patterns.region, 'an ISO 3166 country or subdivision such as DE or US-CA'],
  [patterns.trait, 'a name of 1 to 200 characters'],
  [patterns.mount, 'a path that begins with `/`'],
]);

/** Names of instances, audiences, purposes and namespaces: they go into tables, URLs and metrics. */
export const name: Schema = { type: 'string', pattern: patterns.name };
export const traitName: Schema = { type: 'string', pattern: patterns.trait };
