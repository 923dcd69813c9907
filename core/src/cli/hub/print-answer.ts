// What the hub answered, as the operation's row says it is shown.
import { isJsonObject } from '@tributary/sdk';
import { type CommandText, schemas } from '../../http/operations-table.ts';
import type { SafeTerminal } from '../terminal.ts';
import type { AnsweredPage } from './read-pages.ts';
import { layOut, memberAt, printable, renderMembers, textOf, type TableLayout } from './table.ts';

export function printAnswer(answer: unknown, command: CommandText, terminal: SafeTerminal): void {
  const { print } = command;
  switch (print?.as) {
    case 'words':
      return terminal.out(fill(print.words, answer));
    case 'member':
      terminal.err(fill(print.words, answer));
      return terminal.out(textOf(memberAt(answer, print.member)));
    case 'lines':
      return itemsOf(answer)?.forEach((item) => terminal.out(JSON.stringify(item)));
    case 'stream':
      return terminal.out(textOf(answer));
    case 'tree':
      return renderReasons(answer).forEach((line) => terminal.out(line));
    case 'table':
    case undefined:
      return printMembers(answer, command, terminal);
  }
}

/** One table over all pages: they have the columns and the head of the first. */
export async function printPages(
  pages: AsyncIterable<AnsweredPage>,
  command: CommandText,
  terminal: SafeTerminal,
): Promise<void> {
  let layout: TableLayout | undefined;
  for await (const { answer, hasMore } of pages) {
    const items = itemsOf(answer);
    const isTable = command.print === undefined || command.print.as === 'table';
    if (items === undefined || !isTable) printAnswer(answer, command, terminal);
    else if (layout === undefined) layout = beginTable(items, hasMore, command, terminal);
    else for (const item of items) terminal.out(layout.row(item));
  }
}

function beginTable(
  items: readonly unknown[],
  hasMore: boolean,
  { print }: CommandText,
  terminal: SafeTerminal,
): TableLayout | undefined {
  if (items.length === 0) {
    terminal.err('There are none.');
    return undefined;
  }
  const layout = layOut(print?.as === 'table' ? print.columns : namesIn(items), items, hasMore);
  terminal.out(layout.head);
  for (const item of items) terminal.out(layout.row(item));
  return layout;
}

function namesIn(items: readonly unknown[]): string[] {
  return [...new Set(items.flatMap((item) => (isJsonObject(item) ? Object.keys(item) : [])))];
}

function printMembers(answer: unknown, command: CommandText, terminal: SafeTerminal): void {
  const items = itemsOf(answer);
  if (items) {
    beginTable(items, false, command, terminal);
    return;
  }
  if (isJsonObject(answer)) return renderMembers(answer).forEach((line) => terminal.out(line));
  terminal.out(textOf(answer));
}

function itemsOf(answer: unknown): readonly unknown[] | undefined {
  const items = memberAt(answer, 'items');
  return Array.isArray(items) ? items : undefined;
}

function fill(words: string, answer: unknown): string {
  return words.replaceAll(/\{([\w.]+)\}/g, (_, path: string) => textOf(memberAt(answer, path)));
}

/** `yes`, `no` and what is neither, with what each follows from below it. */
function renderReasons(answer: unknown): readonly string[] {
  const because = memberAt(answer, 'because');
  return [
    textOf(memberAt(answer, 'answer')),
    ...(Array.isArray(because) ? because : []).flatMap((reason, place, all) =>
      renderReason(reason, place === all.length - 1),
    ),
  ];
}

function renderReason(reason: unknown, isLast: boolean): readonly string[] {
  const holds = memberAt(reason, 'holds');
  const mark = typeof holds === 'boolean' ? `${holds ? '✓' : '✗'} ` : '';
  const parts = memberAt(reason, 'because');
  const below = (Array.isArray(parts) ? parts : []).flatMap((part, place, all) =>
    renderReason(part, place === all.length - 1),
  );
  return [
    `${isLast ? '└─' : '├─'} ${mark}${printable(textOf(memberAt(reason, 'says')))}`,
    ...below.map((line) => `${isLast ? ' ' : '│'}  ${line}`),
  ];
}

/** For tests and help: what a column names, in the schema of an answer. */
export function answerHas(schema: unknown, path: string): boolean {
  const [name = '', ...rest] = path.split('.');
  const resolved = resolveSchema(schema);
  const members = isJsonObject(resolved) ? resolved['properties'] : undefined;
  const member = isJsonObject(members) ? members[name] : undefined;
  if (member === undefined) return false;
  return rest.length === 0 || answerHas(member, rest.join('.'));
}

function resolveSchema(schema: unknown): unknown {
  const reference = memberAt(schema, '$ref');
  if (typeof reference !== 'string') return schema;
  const name = reference.split('/').at(-1) ?? '';
  return Object.entries(schemas).find(([known]) => known === name)?.[1];
}
