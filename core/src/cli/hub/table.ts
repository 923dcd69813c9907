// Tables and values for people.
import { isJsonObject } from '@tributary/sdk';

/** Columns that are empty in all rows are left out. */
export function renderTable(
  columns: readonly string[],
  items: readonly unknown[],
): readonly string[] {
  const { head, row } = layOut(columns, items, false);
  return [head, ...items.map(row)];
}

export interface TableLayout {
  readonly head: string;
  row(item: unknown): string;
}

/** @param hasMore other items follow that may fill a column which is empty in these. */
export function layOut(
  columns: readonly string[],
  items: readonly unknown[],
  hasMore: boolean,
): TableLayout {
  const shown = columns.flatMap((column) => {
    const title = titleOf(column);
    const lengths = items.map((item) => textOf(memberAt(item, column)).length);
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    return hasMore || longest > 0
      ? [{ column, title, width: Math.max(title.length, longest) }]
      : [];
  });
  const line = (cellOf: (column: (typeof shown)[number]) => string): string =>
    shown
      .map((column) => cellOf(column).padEnd(column.width))
      .join('  ')
      .trimEnd();
  return {
    head: line(({ title }) => title),
    row: (item) => line(({ column }) => textOf(memberAt(item, column))),
  };
}

/** `oldestUndelivered` → `OLDEST UNDELIVERED`. */
function titleOf(column: string): string {
  return column.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase();
}

/** A dotted path. */
export function memberAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (isJsonObject(inner) ? inner[name] : undefined), value);
}

/** In one line; control characters of what came from outside do not reach the terminal. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isIdentifier(value)) return printable(`${value.namespace}:${value.value}`);
  if (isWords(value)) return printable(value.join(', '));
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isIdentifier(value: unknown): value is { namespace: string; value: string } {
  return (
    isJsonObject(value) &&
    Object.keys(value).length === 2 &&
    typeof value['namespace'] === 'string' &&
    typeof value['value'] === 'string'
  );
}

export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Members one below the other; lists of objects and maps of objects as tables of their own. */
export function renderMembers(value: Readonly<Record<string, unknown>>): readonly string[] {
  const members = Object.entries(value).filter(([, member]) => textOf(member) !== '');
  const simple = members.filter(([, member]) => itemsOf(member) === undefined);
  const width = Math.max(0, ...simple.map(([name]) => titleOf(name).length));
  return [
    ...simple.map(([name, member]) => `${titleOf(name).padEnd(width)}  ${textOf(member)}`),
    ...members.flatMap(([name, member]) => {
      const items = itemsOf(member) ?? [];
      if (items.length === 0) return [];
      const columns = [...new Set(items.flatMap((item) => Object.keys(item)))];
      return ['', titleOf(name), ...renderTable(columns, items).map((line) => `  ${line}`)];
    }),
  ];
}

type Item = Readonly<Record<string, unknown>>;

/** undefined: it fits into a line. */
function itemsOf(value: unknown): readonly Item[] | undefined {
  if (Array.isArray(value)) return value.every(isJsonObject) ? value : undefined;
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value);
  const items = entries.flatMap(([name, item]) => (isJsonObject(item) ? [{ name, ...item }] : []));
  return items.length === entries.length ? items : undefined;
}
