// Text → plain values, with the place of each of them. YAML's power is cut down to what a config
// needs: one document of maps, lists and scalars; no anchors, aliases, merge keys or tags, so that
// what is read is what is written and no small file grows into a large value.
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import type { Issue, Path } from './problem.ts';
import { placeWithin } from './place-within.ts';
import { yamlWords } from './yaml-words.ts';

const deepest = 64;

/** A stretch of the text: offsets in UTF-16 units, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An issue about the text itself, whose place is known without a path. */
export interface PlacedIssue extends Issue {
  readonly span: Span;
}

export interface YamlText {
  readonly text: string;
  readonly value: unknown;
  /** Any of these and `value` is not to be used. */
  readonly issues: readonly PlacedIssue[];
  /** The place of a path; where it is not in the text, of its nearest parent. */
  find(path: Path, at: 'key' | 'value', offset?: number): Span;
  place(offset: number): { readonly line: number; readonly column: number };
  /** Every scalar value of the document with its path. */
  scalars(): readonly { readonly path: Path; readonly span: Span }[];
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    schema: 'core',
    version: '1.2',
  });
  const issues = [...syntaxIssues(document), ...refusedNodes(document)];
  return {
    text,
    value: issues.length === 0 ? document.toJS() : undefined,
    issues,
    find: (path, at, offset) => {
      const span = findSpan(document, path, at);
      const node: unknown = document.getIn(path, true);
      if (offset === undefined || !isScalar(node)) return span;
      return placeWithin(text, span, String(node.value), offset) ?? span;
    },
    place(offset) {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
    scalars: () => listScalars(document),
  };
}

function syntaxIssues(document: Document.Parsed): PlacedIssue[] {
  const exhausted = document.errors
    .filter(({ code }) => code === 'RESOURCE_EXHAUSTION')
    .slice(0, 1);
  const errors = exhausted.length > 0 ? exhausted : onePerPlace(document.errors);
  return errors.map(({ code, pos }) => ({
    code: code === 'DUPLICATE_KEY' ? 'CONFIG_DUPLICATE_KEY' : 'CONFIG_SYNTAX',
    path: [],
    span: (code === 'MISSING_CHAR' ? openQuote(document, pos[0]) : undefined) ?? {
      start: pos[0],
      end: Math.max(pos[1], pos[0] + 1),
    },
    ...(code === 'DUPLICATE_KEY' ? duplicateKey : yamlWords(code)),
  }));
}

/** A quote that never ends is noticed at the end of the file; where it begins is what helps. */
function openQuote(document: Document.Parsed, end: number): Span | undefined {
  let found: Span | undefined;
  visit(document, {
    Scalar(_, node) {
      const span = spanOf(node);
      const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      if (isQuoted && span.start < end && span.end >= end) {
        found = { start: span.start, end: span.start + 1 };
      }
    },
  });
  return found;
}

const duplicateKey = {
  message: 'found the same key a second time, expected each key once',
  hint: 'Remove one of the two, or join what stands below them.',
};

/** One slip makes the reader complain several times about one place. */
function onePerPlace<E extends { readonly pos: [number, number] }>(errors: readonly E[]): E[] {
  const seen = new Set<number>();
  return errors.filter(({ pos }) => !seen.has(pos[0]) && seen.add(pos[0]));
}

function refusedNodes(document: Document.Parsed): PlacedIssue[] {
  if (document.errors.length > 0) return [];
  const issues: PlacedIssue[] = [];
  visit(document, {
    Node(_, node, ancestors) {
      const refused = refusal(node, ancestors.length);
      if (refused) issues.push({ path: [], span: spanOf(node), ...refused });
      return refused ? visit.SKIP : undefined;
    },
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '<<') return undefined;
      issues.push({ path: [], span: spanOf(pair.key), ...mergeKey });
      return visit.SKIP;
    },
  });
  return issues;
}

const plainly = 'Write the value out where it is used.';
const mergeKey = {
  code: 'CONFIG_ALIAS_REFUSED',
  message: 'found a merge key `<<`, expected every key written out',
  hint: plainly,
} as const;

function refusal(node: Node, depth: number): Pick<Issue, 'code' | 'message' | 'hint'> | undefined {
  if (isAlias(node)) {
    return {
      code: 'CONFIG_ALIAS_REFUSED',
      message: 'found an alias, expected the value itself',
      hint: plainly,
    };
  }
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    return {
      code: 'CONFIG_ALIAS_REFUSED',
      message: 'found an anchor, expected the value itself',
      hint: plainly,
    };
  }
  if (node.tag !== undefined) {
    return {
      code: 'CONFIG_TAG_REFUSED',
      message: 'found a YAML tag, expected a plain value',
      hint: 'Remove the tag; put text that looks like a number in quotes.',
    };
  }
  // Each level of nesting is a collection and a pair among the ancestors.
  if (depth > deepest * 2) {
    return { code: 'CONFIG_SYNTAX', ...yamlWords('RESOURCE_EXHAUSTION') };
  }
  return undefined;
}

function findSpan(document: Document.Parsed, path: Path, at: 'key' | 'value'): Span {
  let node: unknown = document.contents;
  let span: Span = { start: 0, end: 1 };
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      );
      if (!pair || !isNode(pair.key)) return span;
      span = spanOf(pair.key);
      if (last && at === 'value' && isScalar(pair.value) && pair.value.range) {
        return nonEmpty(spanOf(pair.value), span);
      }
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)];
      if (!isNode(item)) return span;
      span = isScalar(item) ? nonEmpty(spanOf(item), span) : firstOf(item);
      node = item;
    } else {
      return span;
    }
  }
  return span;
}

/** An item that is a map is pointed at by its first key. */
function firstOf(node: Node): Span {
  if (isMap(node)) {
    const first = node.items[0];
    if (isPair(first) && isNode(first.key)) return spanOf(first.key);
  }
  const { start } = spanOf(node);
  return { start, end: start + 1 };
}

/** A value that was left out has no width: its key stands for it. */
function nonEmpty(span: Span, otherwise: Span): Span {
  return span.end > span.start ? span : otherwise;
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 1, 1];
  return { start, end };
}

function listScalars(document: Document.Parsed): { path: Path; span: Span }[] {
  const found: { path: Path; span: Span }[] = [];
  const walk = (node: unknown, path: Path): void => {
    if (isScalar(node)) found.push({ path, span: spanOf(node) });
    if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index]));
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key)) walk(value, [...path, String(key.value)]);
      }
    }
  };
  walk(document.contents, []);
  return found;
}
