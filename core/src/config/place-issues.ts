// Issues by path → problems with file, line, column and the line itself, on which everything that
// may be a secret is masked.
import { redactSecrets } from '@tributary/sdk';
import { isReferenceAlone } from './secrecy.ts';
import { pathKey, pathText, type ConfigProblem, type Issue, type Path } from './problem.ts';
import type { PlacedIssue, Span, YamlText } from './read-yaml.ts';

export interface Placement {
  readonly file: string;
  readonly yaml: YamlText;
  readonly isOpen: (path: Path) => boolean;
  readonly written: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
}

const mask = '***';

/** In the order of the file; what is said twice of one place is said once. */
export function placeIssues(issues: readonly Issue[], placement: Placement): ConfigProblem[] {
  const { yaml } = placement;
  const hidden = hiddenSpans(placement);
  const placed = issues.map((issue) => ({
    issue,
    span: yaml.find(issue.path, issue.at ?? 'value', issue.offset),
  }));
  const problems = placed
    .sort((left, right) => left.span.start - right.span.start)
    .map(({ issue, span }) => toProblem(issue, span, placement, hidden));
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.code, problem.path, problem.message]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Where the text could not be read, nothing says which of it is secret: only keys are shown. */
export function placeSyntaxIssues(
  issues: readonly PlacedIssue[],
  file: string,
  yaml: YamlText,
): ConfigProblem[] {
  const placement: Placement = {
    file,
    yaml,
    isOpen: () => false,
    written: new Map(),
    secrets: [],
  };
  return issues.map((issue) =>
    toProblem(issue, issue.span, placement, valuesOnLine(yaml.text, issue.span)),
  );
}

function toProblem(
  issue: Issue,
  span: Span,
  { file, yaml, secrets }: Placement,
  hidden: readonly Span[],
): ConfigProblem {
  const { line, column } = yaml.place(span.start);
  const redact = (text: string): string => redactSecrets(text, secrets);
  const severity = issue.severity ?? 'error';
  return {
    code: issue.code,
    severity,
    file,
    line: Math.max(1, line),
    column: Math.max(1, column),
    path: pathText(issue.path),
    message: redact(issue.message),
    ...(issue.hint === undefined ? {} : { hint: redact(issue.hint) }),
    ...excerptOf(yaml.text, span, hidden, redact),
  };
}

function excerptOf(
  text: string,
  span: Span,
  hidden: readonly Span[],
  redact: (text: string) => string,
): Pick<ConfigProblem, 'excerpt'> {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? text.length : newline;
  if (end - start > 400 || text.slice(start, end).trim() === '') return {};
  const shown = maskLine(text, { start, end }, hidden);
  const line = redact(shown.text).trimEnd();
  // Where redaction by value changed the line as well, the places on it no longer hold.
  if (line !== shown.text.trimEnd()) return { excerpt: { text: line, from: 0, length: 0 } };
  const from = shown.at(span.start);
  const length = Math.max(1, Math.min(shown.at(Math.min(span.end, end)), line.length) - from);
  return { excerpt: { text: line, from, length } };
}

/** The line with its hidden stretches masked, and where an offset of the text went. */
function maskLine(
  text: string,
  line: Span,
  hidden: readonly Span[],
): { text: string; at: (offset: number) => number } {
  const within = hidden
    .filter(({ start, end }) => start < line.end && end > line.start)
    .map(({ start, end }) => ({
      start: Math.max(start, line.start),
      end: Math.min(end, line.end),
    }))
    .sort((left, right) => left.start - right.start);
  let result = '';
  let position = line.start;
  for (const span of within) {
    result += text.slice(position, span.start) + mask;
    position = Math.max(position, span.end);
  }
  result += text.slice(position, line.end);
  const at = (offset: number): number =>
    within.reduce((place, span) => {
      if (offset <= span.start) return place;
      const covered = Math.min(offset, span.end) - span.start;
      return place - covered + mask.length;
    }, offset - line.start);
  return { text: result, at };
}

function hiddenSpans({ yaml, isOpen, written }: Placement): Span[] {
  return yaml
    .scalars()
    .filter(({ path, span }) => {
      const reference = written.get(pathKey(path));
      const isReference = reference !== undefined && isReferenceAlone(reference);
      return span.end > span.start && !isReference && !isOpen(path);
    })
    .map(({ span }) => span);
}

/** Everything behind the first colon of the line. */
function valuesOnLine(text: string, span: Span): Span[] {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? text.length : newline;
  const colon = text.slice(start, end).search(/:\s/);
  const from = colon === -1 ? start + text.slice(start, end).search(/\S|$/) : start + colon + 2;
  return from < end && /\w/.test(text.slice(from, end)) ? [{ start: from, end }] : [];
}
