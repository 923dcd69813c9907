// The overview at `/`: what the sandbox holds and what it was asked, for a person with a browser.
import type { Journal, JournalEntry } from './journal.ts';
import type { ListReading, Readings } from './readings.ts';

const shownMembers = 20;
const shownMails = 20;
const shownRequests = 40;

export function renderPage(parts: {
  readonly readings: Readings;
  readonly journal: Journal;
}): string {
  const { readings, journal } = parts;
  const mails = readings.mails();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>SendGrid sandbox</title>
<style>${style}</style>
</head>
<body>
<h1>SendGrid sandbox</h1>
<p>Speaks the vendor's v3 API on this machine and sends nothing to anybody.
Contacts: ${readings.contacts().length}. Mails taken: ${mails.length}.</p>
<h2>Lists</h2>
${readings.lists().map(renderList).join('\n') || '<p>None yet.</p>'}
<h2>Mail</h2>
${renderTable(
  ['To', 'Template or subject', 'Dropped'],
  mails
    .slice(-shownMails)
    .toReversed()
    .map((mail) => [mail.to, mail.templateId ?? mail.subject ?? '', mail.dropped ?? '']),
)}
<h2>Requests</h2>
${renderTable(
  ['At', 'Request', 'About', 'Answer'],
  journal.entries.slice(-shownRequests).toReversed().map(describeEntry),
)}
</body>
</html>`;
}

function renderList({ name, members }: ListReading): string {
  const shown = members.slice(0, shownMembers).map(escapeHtml).join(', ');
  const more = members.length > shownMembers ? `, and ${members.length - shownMembers} more` : '';
  return `<section><h3>${escapeHtml(name)} <small>${members.length}</small></h3><p>${shown}${more}</p></section>`;
}

function describeEntry(entry: JournalEntry): string[] {
  const keys = entry.keys.map(({ key }) => key);
  const about =
    keys.length > 3 ? `${keys.slice(0, 3).join(', ')} +${keys.length - 3}` : keys.join(', ');
  return [
    new Date(entry.receivedAt).toISOString().slice(11, 23),
    `${entry.method} ${entry.path}`,
    about,
    [entry.status ?? '', entry.fault ?? ''].filter((part) => part !== '').join(' '),
  ];
}

function renderTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None yet.</p>';
  const head = heads.map((text) => `<th>${escapeHtml(text)}</th>`).join('');
  const body = rows
    .map((cells) => `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`)
    .join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; } h3 small { font-weight: normal; opacity: .6; }
section { border-left: 3px solid #1a82e2; padding-left: 1rem; margin: 1rem 0; }
th, td:first-child, td:last-child { white-space: nowrap; }
td { vertical-align: top; font-variant-numeric: tabular-nums; }
section p { margin: .2rem 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
`;
