// PostgreSQL's text form of arrays, both ways. One implementation for both drivers; whole batches
// pass through here, so elements that need no quoting take the short way.
import { StoreError } from './errors.ts';

type ElementParser = (text: string) => unknown;

/** `{1,2,NULL}` → [1, 2, null], nested arrays included. */
export function parseArray(text: string, parseElement: ElementParser): unknown[] {
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0; // '[0:1]={…}' names its bounds
  const reader = new ArrayReader(text, start, parseElement);
  return reader.array();
}

class ArrayReader {
  readonly #text: string;
  readonly #parseElement: ElementParser;
  #at: number;

  constructor(text: string, start: number, parseElement: ElementParser) {
    this.#text = text;
    this.#at = start;
    this.#parseElement = parseElement;
  }

  array(): unknown[] {
    const items: unknown[] = [];
    this.#at += 1; // the opening brace
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === '}') {
        this.#at += 1;
        return items;
      }
      if (character === ',') this.#at += 1;
      else items.push(this.#item(character));
    }
    throw new StoreError(
      'STORE_VALUE_INVALID',
      'an array in a result: found no closing brace, expected one. Report this as a defect.',
    );
  }

  #item(first: string | undefined): unknown {
    if (first === '{') return this.array();
    if (first === '"') return this.#parseElement(this.#quoted());
    const plain = this.#plain();
    return plain === 'NULL' ? null : this.#parseElement(plain);
  }

  #plain(): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 44 || code === 125) break;
    }
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    let result = '';
    let start = this.#at + 1;
    for (this.#at = start; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 34) break;
      if (code === 92) {
        result += this.#text.slice(start, this.#at);
        this.#at += 1;
        start = this.#at;
      }
    }
    result += this.#text.slice(start, this.#at);
    this.#at += 1; // the closing quote
    return result;
  }
}

/** [1, 'a b', null] → `{1,"a b",NULL}`. */
export function encodeArray(
  values: readonly unknown[],
  encodeElement: (value: unknown) => string | null,
): string {
  const items: string[] = Array.from({ length: values.length });
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    items[index] = Array.isArray(value)
      ? encodeArray(value, encodeElement)
      : quoteElement(encodeElement(value));
  }
  return `{${items.join(',')}}`;
}

/** What may stand without quotes: no separator, brace, quote, backslash, space, and never NULL. */
const safe = /^(?!null$)[\w.:+@-]+$/i;

function quoteElement(text: string | null): string {
  if (text === null) return 'NULL';
  if (safe.test(text)) return text;
  return `"${text.includes('\\') || text.includes('"') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}
