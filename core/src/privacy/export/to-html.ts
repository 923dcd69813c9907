// The stream as one page for people: no script, no link to anywhere, every text escaped, fit to print.
import { isJsonObject, type JsonObject, type JsonValue } from '@tributary/sdk';
import type { Piece, SectionName } from './pieces.ts';
import { sectionNames } from './pieces.ts';
import { sectionWords } from './words.ts';

/** More rows than this nobody reads on a page; the JSON holds all of them. */
const mostRows = 1_000;

export interface PageWords {
  /** Who answers: the hub's name. */
  readonly hub: string;
  readonly madeAt: string;
  readonly askedBy: readonly string[];
}

export async function* toHtml(
  words: PageWords,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<string, void> {
  yield head(words);
  let section: SectionName | undefined;
  let count = 0;
  for await (const piece of pieces) {
    if (piece.kind === 'section') {
      if (section !== undefined) yield endSection(section, count);
      section = piece.name;
      count = 0;
      yield beginSection(section);
      continue;
    }
    if (section === undefined) continue;
    count += 1;
    if (count === 1) yield tableHead(section);
    if (count <= mostRows) yield tableRow(section, piece.item);
  }
  if (section !== undefined) yield endSection(section, count);
  yield '</main>\n</body>\n</html>\n';
}

function head({ hub, madeAt, askedBy }: PageWords): string {
  const contents = sectionNames
    .map((name) => `<li><a href="#${name}">${escape(sectionWords[name].title)}</a></li>`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Your data at ${escape(hub)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Your data at ${escape(hub)}</h1>
<p>Everything that this system holds about the person with ${askedBy.map((one) => `<b>${escape(one)}</b>`).join(', ')}, as of ${time(madeAt)}. All times are in UTC.</p>
<nav><ol>${contents}</ol></nav>
</header>
<main>
`;
}

function beginSection(name: SectionName): string {
  const { title, about } = sectionWords[name];
  return `<section id="${name}">\n<h2>${escape(title)}</h2>\n<p class="about">${escape(about)}</p>\n`;
}

function tableHead(name: SectionName): string {
  const headings = Object.values(sectionWords[name].columns).map(
    (heading) => `<th scope="col">${escape(heading)}</th>`,
  );
  return `<table>\n<thead><tr>${headings.join('')}</tr></thead>\n<tbody>\n`;
}

function tableRow(name: SectionName, item: JsonObject): string {
  const cells = Object.keys(sectionWords[name].columns).map(
    (column) => `<td>${cell(column, item[column])}</td>`,
  );
  return `<tr>${cells.join('')}</tr>\n`;
}

function endSection(name: SectionName, count: number): string {
  if (count === 0) return `<p class="none">${escape(sectionWords[name].none)}</p>\n</section>\n`;
  const more =
    count > mostRows
      ? `<p class="more">The first ${mostRows.toLocaleString('en')} of ${count.toLocaleString('en')}; the file in JSON holds all of them.</p>\n`
      : '';
  return `</tbody>\n</table>\n${more}</section>\n`;
}

/** Words of the hub's that a reader need not know. */
const plainWords: ReadonlyMap<string, string> = new Map([
  ['person', 'you'],
  ['device', 'a device'],
  ['contact', 'several people'],
  ['in_doubt', 'perhaps'],
  ['confirmed', 'yes'],
  ['accepted', 'yes'],
  ['absent', 'no'],
  ['possible', 'perhaps'],
  ['delivered', 'done'],
  ['filtered', 'held back'],
  ['superseded', 'no longer needed'],
  ['erase', 'erasure'],
  ['object', 'objection'],
  ['rectify', 'correction'],
]);
const wordColumns: ReadonlySet<string> = new Set(['kind', 'presence', 'status', 'state']);

function cell(column: string, value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.map((item) => escape(item)).join(', ');
  }
  if (column === 'bases' && Array.isArray(value)) return value.map(basisWords).join('<br>');
  if (typeof value === 'object') return `<pre>${escape(JSON.stringify(value, undefined, 1))}</pre>`;
  const text = String(value);
  if (isTime(text)) return time(text);
  return escape(wordColumns.has(column) ? (plainWords.get(text) ?? text) : text);
}

/** What for, on which legal basis, and when first and last. */
function basisWords(value: JsonValue): string {
  if (!isJsonObject(value)) return '';
  const [purpose, basis, firstAt, lastAt] = ['purpose', 'basis', 'firstAt', 'lastAt'].map(
    (name) => {
      const text = value[name];
      return typeof text === 'string' ? text : '';
    },
  );
  return `${escape(`${purpose}: ${basis}`)}, ${time(firstAt)} – ${time(lastAt)}`;
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
}

const format = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  dateStyle: 'medium',
  timeStyle: 'medium',
});

function time(text = ''): string {
  return `<time datetime="${text}">${escape(format.format(new Date(text)))}</time>`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '');
}

const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; margin: 0 auto; max-width: 70rem; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.8rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid #d7dce1; }
nav ol { columns: 2; padding-left: 1.25rem; margin: 1rem 0 0; }
a { color: #0b57a4; }
.about { color: #56606b; margin: 0 0 .75rem; }
.none, .more { color: #56606b; font-style: italic; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #e8ebee; overflow-wrap: anywhere; }
th { overflow-wrap: normal; font-weight: 600; border-bottom-color: #9aa4ae; }
td { min-width: 5rem; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
pre { margin: 0; font: .8rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } nav { display: none; } tr, h2 { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } }
`;
